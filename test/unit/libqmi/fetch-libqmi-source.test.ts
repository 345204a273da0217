import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { COMPILED_TARGETS as TARGETS, type TargetProfile } from '../../../src/base/targets.ts';
import type { Context } from '../../../src/core/context.ts';
import { CompileError, InputError, NetworkError, VerificationError } from '../../../src/core/errors.ts';
import type { Disk } from '../../../src/core/model.ts';
import { compileLibqmi } from '../../../src/libqmi/compile-libqmi.ts';
import { fetchLibqmiSource } from '../../../src/libqmi/fetch-libqmi-source.ts';
import type { Sysroot } from '../../../src/libqmi/prepare-sysroot.ts';
import { createTestContext } from '../../helpers/context.ts';
import { serveBytes, startServer } from '../../helpers/http-server.ts';

const STRETCH = TARGETS[0];
assert.ok(STRETCH?.libqmi.kind === 'tarball');
const CONFIGURE =
  "#!/bin/sh\nPACKAGE_TARNAME='libqmi'\nPACKAGE_VERSION='1.16.0'\necho checking\necho no glib >&2\nexit 77\n";

describe('fetchLibqmiSource', () => {
  it('downloads the pinned tarball once, from the mirror asked for', async (t) => {
    const context = await createTestContext(t);
    const tarball = await packSample(context);
    const server = await serve(t, tarball);
    const profile = pinnedTo(tarball);
    const source = await fetchLibqmiSource(context, profile, { downloadsUrl: server.url });
    assert.equal(source.version, '1.16.0');
    assert.equal(source.buildSystem, 'autotools');
    assert.deepEqual(source.record, {
      name: 'libqmi',
      sha256: sha256(tarball),
      origin: 'https://www.freedesktop.org/software/libqmi/libqmi-1.16.0.tar.xz',
      pinned: true,
    });
    assert.equal(await readFile(join(source.path, 'configure'), 'utf8'), CONFIGURE);
    await fetchLibqmiSource(context, profile, { downloadsUrl: server.url });
    assert.deepEqual(
      server.requests.map(({ url }) => url),
      ['/software/libqmi/libqmi-1.16.0.tar.xz'],
    );
  });

  it('keeps a tarball with another hash out of the cache', async (t) => {
    const context = await createTestContext(t);
    const server = await serve(t, Buffer.from('something else'));
    await assert.rejects(
      fetchLibqmiSource(context, STRETCH, { downloadsUrl: server.url }),
      VerificationError,
    );
    assert.deepEqual(await readdir(join(context.cacheDir, 'downloads')), []);
  });

  it('names the way out when nothing can be reached', async (t) => {
    const context = await createTestContext(t);
    const server = await serve(t, undefined);
    await assert.rejects(fetchLibqmiSource(context, STRETCH, { downloadsUrl: server.url }), (error) => {
      assert.ok(error instanceof NetworkError);
      assert.match(error.message, /software\/libqmi\/libqmi-1\.16\.0\.tar\.xz/);
      assert.match(error.hint ?? '', /--libqmi-source FILE/);
      return true;
    });
  });

  it('takes a tarball or a folder of the user, and says it is not pinned', async (t) => {
    const context = await createTestContext(t);
    const file = join(context.tmpDir, 'mine.tar.xz');
    await writeFile(file, await packSample(context));
    const fromFile = await fetchLibqmiSource(context, STRETCH, { libqmiSource: file });
    assert.equal(fromFile.record.origin, 'mine.tar.xz');
    assert.equal(fromFile.record.pinned, false);
    const folder = join(context.tmpDir, 'sample/libqmi-1.16.0');
    const fromFolder = await fetchLibqmiSource(context, STRETCH, { libqmiSource: folder });
    assert.equal(fromFolder.version, '1.16.0');
    await writeFile(join(folder, 'NEWS'), 'changed');
    const changed = await fetchLibqmiSource(context, STRETCH, { libqmiSource: folder });
    assert.notEqual(changed.record.sha256, fromFolder.record.sha256);
  });

  it('refuses what cannot be built', async (t) => {
    const context = await createTestContext(t);
    const folder = join(context.tmpDir, 'empty');
    await mkdir(folder);
    const junk = join(context.tmpDir, 'junk.tar');
    await writeFile(junk, 'no tarball');
    for (const libqmiSource of [folder, junk, join(folder, 'missing')]) {
      await assert.rejects(fetchLibqmiSource(context, STRETCH, { libqmiSource }), InputError);
    }
  });
});

describe('compileLibqmi', () => {
  it('ends with the last lines of the log and keeps all of it when the build fails', async (t) => {
    const context = await createTestContext(t);
    await packSample(context);
    const libqmiSource = join(context.tmpDir, 'sample/libqmi-1.16.0');
    const source = await fetchLibqmiSource(context, STRETCH, { libqmiSource });
    const sysroot: Sysroot = {
      path: join(context.tmpDir, 'sysroot'),
      id: 'none',
      cacheHit: false,
      glibVersion: '2.50.3',
      headersVersion: '2.74.6',
      symbols: new Map(),
      packages: [],
      inputs: [],
    };
    await mkdir(sysroot.path);
    // clang has no use for it.
    const disk = {} as unknown as Disk;
    await assert.rejects(
      compileLibqmi(context, { source, disk, sysroot, target: STRETCH }, 'clang'),
      (error) => {
        assert.ok(error instanceof CompileError);
        assert.match(error.message, /did not compile: \.\/configure failed with exit code 77/);
        assert.match(error.detail ?? '', /checking\nno glib/);
        assert.match(error.hint ?? '', /logs\/libqmi-1\.16\.0\.log/);
        return true;
      },
    );
    const log = await readFile(join(context.cacheDir, 'logs/libqmi-1.16.0.log'), 'utf8');
    assert.match(log, /^\$ (?:bwrap .* )?\.\/configure --host=arm-linux-gnueabihf/);
    assert.match(log, /GLIB_VERSION_MAX_ALLOWED=GLIB_VERSION_2_50/);
    assert.deepEqual(await readdir(join(context.cacheDir, 'libqmi')), []);
  });
});

async function packSample(context: Context): Promise<Buffer> {
  const folder = join(context.tmpDir, 'sample/libqmi-1.16.0');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'configure'), CONFIGURE);
  await chmod(join(folder, 'configure'), 0o755);
  await context.exec(['tar', '-cJf', '../sample.tar.xz', 'libqmi-1.16.0'], {
    cwd: join(context.tmpDir, 'sample'),
  });
  return readFile(join(context.tmpDir, 'sample.tar.xz'));
}

function pinnedTo(tarball: Buffer): TargetProfile {
  assert.ok(STRETCH?.libqmi.kind === 'tarball');
  return { ...STRETCH, libqmi: { ...STRETCH.libqmi, sha256: sha256(tarball), sizeBytes: tarball.length } };
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Serves every path with `body`, or with 404. */
async function serve(t: TestContext, body: Buffer | undefined) {
  return startServer(t, (request, response) => {
    if (body === undefined) response.writeHead(404).end();
    else serveBytes(request, response, body);
  });
}
