import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isElf, parseElf } from '../../src/formats/elf/elf.ts';
import { createExec } from '../../src/tools/exec.ts';
import { runCli } from '../helpers/cli.ts';

/**
 * libqmi by clang, and by the base's own gcc under emulation: the reference. Their code differs; what the rest of the
 * system sees of it may not. Both builds pass the ELF gate on their way into an image, or there would be none.
 */
describe('libqmi of both builders on debian-bookworm', () => {
  const exec = createExec({ signal: new AbortController().signal });
  let folder = '';
  const roots: Record<string, string> = {};

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-builders-'));
    for (const builder of ['clang', 'qemu']) {
      const out = join(folder, builder);
      const options = ['--base', 'debian-bookworm', '--apn', 'internet', '--name', 'image', '--output', out];
      const result = await runCli(['build', ...options, '--builder', builder]);
      assert.equal(result.exitCode, 0, result.stderr);
      assert.match(result.stderr, /✓ libqmi check +3 ELF files fit; qmicli \S+ runs on cortex-a7/);
      roots[builder] = join(folder, `${builder}-root`);
      await extract(out, roots[builder]);
    }
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function extract(out: string, root: string): Promise<void> {
    const image = join(out, 'image.img');
    const { partitiontable } = JSON.parse((await exec(['sfdisk', '--json', image])).stdout);
    const disk = `${image}?offset=${partitiontable.partitions[1].start * 512}`;
    const manifest = JSON.parse(await readFile(join(out, 'image.manifest.json'), 'utf8'));
    const ours = manifest.changes.filter(
      ({ stage, kind }: Record<string, string>) => stage === 'libqmi' && kind === 'file',
    );
    for (const { path } of ours) {
      const target = join(root, path);
      await exec(['install', '-D', '/dev/null', target]);
      await exec(['debugfs', '-R', `dump ${path} ${target}`, disk]);
    }
  }

  const list = async (builder: string) => {
    const root = roots[builder] ?? '';
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      .sort();
  };

  test('are the same files', async () => {
    const files = await list('qemu');
    assert.ok(files.includes('usr/bin/qmicli') && files.includes('usr/bin/qmi-network'));
    assert.deepEqual(files, await list('clang'));
  });

  test('export and need the same', async () => {
    let compared = 0;
    for (const path of await list('qemu')) {
      const bytes = await Promise.all(
        ['clang', 'qemu'].map((builder) => readFile(join(roots[builder] ?? '', path))),
      );
      if (!bytes.every(isElf)) continue;
      compared += 1;
      const [clang, gcc] = bytes.map((each) => parseElf(each, path));
      assert.deepEqual(gcc?.needed.toSorted(), clang?.needed.toSorted(), path);
      assert.equal(gcc?.soname, clang?.soname, path);
      const symbols = await Promise.all(
        ['clang', 'qemu'].map((builder) => getExports(join(roots[builder] ?? '', path))),
      );
      assert.deepEqual(symbols[1], symbols[0], path);
      if (path.includes('libqmi-glib')) assert.ok((symbols[0]?.length ?? 0) > 1000);
    }
    // libqmi's library, qmicli and qmi-proxy; and Debian's libmbim-glib, mbim-proxy and libqrtr-glib.
    assert.equal(compared, 6);
  });

  /** By another reader of ELF than wwanpi's own. */
  async function getExports(path: string): Promise<string[]> {
    const { stdout } = await exec([
      'llvm-nm',
      '--dynamic',
      '--defined-only',
      '--extern-only',
      '--format=just-symbols',
      path,
    ]);
    return stdout
      .split('\n')
      .filter((name) => name !== '')
      .sort();
  }
});
