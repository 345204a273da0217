import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { AppError, VerificationError } from '../../../../src/core/errors.ts';
import type { PackageFile } from '../../../../src/core/model.ts';
import { parseAr } from '../../../../src/formats/debian/ar.ts';
import { formatMd5sums, parseDeb } from '../../../../src/formats/debian/deb.ts';
import { readPackage } from '../../../../src/formats/debian/read-package.ts';
import { createExec } from '../../../../src/tools/exec.ts';

const exec = createExec({ signal: new AbortController().signal });

const HELLO = Buffer.from('#!/bin/sh\necho hello\n');
const FILES: readonly PackageFile[] = [
  { kind: 'directory', path: '/usr', mode: 0o755 },
  { kind: 'directory', path: '/usr/bin', mode: 0o755 },
  { kind: 'file', path: '/usr/bin/hello', mode: 0o755, content: HELLO },
  { kind: 'symlink', path: '/usr/bin/hi', target: 'hello' },
];
const CONTROL =
  'Package: hello\nVersion: 1.0-1+wwanpi1\nArchitecture: armhf\nMaintainer: wwanpi <a@example.org>\nDescription: greets\n';

describe('ar', () => {
  it('answers any bytes with members or a VerificationError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          parseAr(Buffer.concat([Buffer.from('!<arch>\n'), bytes]));
        } catch (error) {
          assert.ok(error instanceof VerificationError);
        }
      }),
    );
  });
});

/** What dpkg-deb packs is what is read. */
describe('deb', () => {
  let folder = '';
  let tree = '';

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-deb-'));
    tree = join(folder, 'tree');
    await mkdir(join(tree, 'usr/bin'), { recursive: true });
    await mkdir(join(tree, 'DEBIAN'));
    for (const path of ['', 'usr', 'usr/bin', 'DEBIAN']) await chmod(join(tree, path), 0o755);
    await writeFile(join(tree, 'usr/bin/hello'), HELLO);
    await chmod(join(tree, 'usr/bin/hello'), 0o755);
    await symlink('hello', join(tree, 'usr/bin/hi'));
    await writeFile(join(tree, 'DEBIAN/control'), CONTROL);
    await writeFile(join(tree, 'DEBIAN/md5sums'), formatMd5sums(FILES));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function pack(compression: string): Promise<Buffer> {
    const path = join(folder, `${compression}.deb`);
    await exec(['dpkg-deb', '--root-owner-group', `-Z${compression}`, '-b', tree, path]);
    return readFile(path);
  }

  for (const compression of ['none', 'gzip', 'xz']) {
    it(`is read as dpkg-deb packs it with ${compression}`, async () => {
      const { files, controlFiles } = await parseDeb(await pack(compression));
      assert.deepEqual(files, FILES);
      assert.deepEqual([...controlFiles.keys()].sort(), ['control', 'md5sums']);
      assert.equal(Buffer.from(controlFiles.get('control') ?? '').toString(), CONTROL);
    });
  }

  it('goes into an image by its files alone, or is refused', async () => {
    const built = await readPackage(await pack('xz'));
    assert.deepEqual(
      { ...built, files: built.files.length, controlFiles: [...built.controlFiles.keys()] },
      {
        ...{ maker: 'debian', name: 'hello', version: '1.0-1+wwanpi1', architecture: 'armhf' },
        ...{ control: CONTROL, files: FILES.length, md5sums: formatMd5sums(FILES), controlFiles: [] },
      },
    );
    const script = join(tree, 'DEBIAN/postinst');
    await writeFile(script, '#!/bin/sh\n', { mode: 0o755 });
    const deb = await pack('none');
    await rm(script);
    await assert.rejects(readPackage(deb), (error) => {
      assert.ok(error instanceof VerificationError);
      assert.equal(error.message, "Debian's hello 1.0-1+wwanpi1 has a postinst, which wwanpi cannot run");
      return true;
    });
  });

  it('has sums that md5sum confirms', async () => {
    await exec(['md5sum', '--check', '--strict', 'DEBIAN/md5sums'], { cwd: tree });
  });

  it('answers a damaged file with an AppError', async () => {
    const deb = await pack('xz');
    await assert.rejects(parseDeb(deb.subarray(0, 200)), VerificationError);
    await fc.assert(
      fc.asyncProperty(fc.nat(deb.length - 1), fc.nat(255), async (at, value) => {
        const bytes = Buffer.from(deb);
        bytes[at] = value;
        await parseDeb(bytes).catch((error: unknown) => assert.ok(error instanceof AppError, `${error}`));
      }),
      { numRuns: 60 },
    );
  });
});
