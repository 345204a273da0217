import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { packageRoot } from '../../../src/core/package.ts';
import { openScreen } from '../../helpers/screen.ts';

/** Stand-ins for sudo and apt-get, first on the PATH, that say how they were called. */
describe('what needs root', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-as-root-'));
    for (const name of ['sudo', 'apt-get']) {
      const path = join(folder, name);
      await writeFile(path, `#!/bin/sh\necho "${name}: $*"\ncase "$*" in *broken*) exit 100;; esac\n`);
      await chmod(path, 0o755);
    }
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const run = (t: Parameters<typeof openScreen>[0], call: string) => {
    const script = `
      import { installPackages, runAsRoot } from '${join(packageRoot, 'src/commands/as-root.ts')}';
      await ${call}.catch((error) => console.log(error.name + ': ' + error.message));`;
    const argv = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', script];
    return openScreen(t, argv, {
      columns: 120,
      cwd: packageRoot,
      env: { PATH: `${folder}:${process.env.PATH}`, WWANPI_CALLED_AS: './wwanpi' },
    });
  };
  const [sudo, as] = process.getuid?.() === 0 ? ['', 'apt-get:'] : ['sudo ', 'sudo: apt-get'];

  test('packages are installed by commands that are shown first', async (t) => {
    const screen = run(t, "installPackages(['qemu-system-arm', 'mtools'])");
    await screen.exited();
    assert.equal(
      screen.text(),
      [
        ...['', `  ${sudo}apt-get update -qq`, '', `${as} update -qq`],
        ...['', `  ${sudo}apt-get install -qq -y --no-install-recommends qemu-system-arm mtools`, ''],
        `${as} install -qq -y --no-install-recommends qemu-system-arm mtools`,
      ].join('\n'),
    );
  });

  test('nothing to install runs nothing, and a failure names its command', async (t) => {
    const nothing = run(t, 'installPackages([])');
    await nothing.exited();
    assert.equal(nothing.text(), '');
    const broken = run(t, "installPackages(['broken'])");
    await broken.exited();
    assert.match(
      broken.text(),
      /\nToolFailedError: it ended with exit code 100: .*--no-install-recommends broken$/,
    );
  });

  test('wwanpi runs under sudo by the name it was called by', async (t) => {
    const screen = run(t, "runAsRoot(['flash', 'out/my image.img'])");
    await screen.exited();
    assert.equal(
      screen.text(),
      "\n  sudo ./wwanpi flash 'out/my image.img'\n\nsudo: ./wwanpi flash out/my image.img",
    );
  });
});
