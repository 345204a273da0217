import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AppError, VerificationError } from '../../../src/errors.ts';
import { formatAr, parseAr } from '../../../src/formats/ar.ts';
import { formatDeb, formatMd5sums, parseDeb } from '../../../src/formats/deb.ts';
import type { BuiltPackage, PackageFile } from '../../../src/model.ts';
import { createExec } from '../../../src/tools/exec.ts';

const exec = createExec({ signal: new AbortController().signal });

const FILES: readonly PackageFile[] = [
  { kind: 'directory', path: '/usr', mode: 0o755 },
  { kind: 'directory', path: '/usr/bin', mode: 0o755 },
  { kind: 'file', path: '/usr/bin/hello', mode: 0o755, content: Buffer.from('#!/bin/sh\necho hello\n') },
  { kind: 'symlink', path: '/usr/bin/hi', target: 'hello' },
];
const SAMPLE: BuiltPackage = {
  name: 'hello',
  version: '1.0-1+wwanpi1',
  architecture: 'armhf',
  control:
    'Package: hello\nVersion: 1.0-1+wwanpi1\nArchitecture: armhf\nMaintainer: wwanpi <a@example.org>\nDescription: greets\n',
  files: FILES,
  md5sums: formatMd5sums(FILES),
  controlFiles: new Map([['triggers', 'activate-noawait ldconfig\n']]),
};

describe('ar', () => {
  const member = fc.record(
    { name: fc.stringMatching(/^[a-z][a-z0-9._-]{0,14}$/), content: fc.uint8Array({ maxLength: 50 }) },
    { noNullPrototype: true },
  );

  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(fc.array(member, { maxLength: 5 }), (members) => {
        const read = parseAr(formatAr(members, 1467849600));
        assert.deepEqual(
          read.map(({ name, content }) => ({ name, content: Uint8Array.from(content) })),
          members,
        );
      }),
    );
  });

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

describe('deb', () => {
  it('writes the same bytes each time, which dpkg-deb reads', async (t) => {
    const deb = await formatDeb(SAMPLE, 1467849600);
    assert.deepEqual(await formatDeb(SAMPLE, 1467849600), deb);
    const folder = await mkdtemp(join(tmpdir(), 'wwanpi-deb-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, 'hello.deb');
    await writeFile(path, deb);
    const info = await exec(['dpkg-deb', '-f', path, 'Package', 'Version']);
    assert.equal(info.stdout, 'Package: hello\nVersion: 1.0-1+wwanpi1\n');
    const listing = await exec(['dpkg-deb', '-c', path]);
    assert.equal(
      listing.stdout.replace(/ +/g, ' '),
      [
        'drwxr-xr-x root/root 0 2016-07-07 00:00 ./',
        'drwxr-xr-x root/root 0 2016-07-07 00:00 ./usr/',
        'drwxr-xr-x root/root 0 2016-07-07 00:00 ./usr/bin/',
        '-rwxr-xr-x root/root 21 2016-07-07 00:00 ./usr/bin/hello',
        'lrwxrwxrwx root/root 0 2016-07-07 00:00 ./usr/bin/hi -> hello\n',
      ].join('\n'),
    );
  });

  it("reads back its own and dpkg-deb's, plain, gz and xz", async (t) => {
    const own = await parseDeb(await formatDeb(SAMPLE, 0));
    assert.deepEqual(own.files, FILES);
    assert.deepEqual([...own.controlFiles.keys()], ['control', 'md5sums', 'triggers']);
    const folder = await mkdtemp(join(tmpdir(), 'wwanpi-deb-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, 'in.deb');
    await writeFile(path, await formatDeb(SAMPLE, 0));
    await exec(['dpkg-deb', '-R', path, join(folder, 'tree')]);
    for (const compression of ['none', 'gzip', 'xz']) {
      const other = join(folder, `${compression}.deb`);
      await exec(['dpkg-deb', '--root-owner-group', `-Z${compression}`, '-b', join(folder, 'tree'), other]);
      const { files, controlFiles } = await parseDeb(await readFile(other));
      assert.deepEqual(files, FILES);
      assert.equal(Buffer.from(controlFiles.get('control') ?? '').toString(), SAMPLE.control);
    }
  });

  it('answers a damaged file with an AppError', async () => {
    const deb = Buffer.from(await formatDeb(SAMPLE, 0));
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
