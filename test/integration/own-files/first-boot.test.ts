import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createTestContext } from '../../helpers/context.ts';
import { renderOverlays } from '../../helpers/rendered-overlays.ts';

/**
 * The script of the image with dash and, in a root folder of its own, the real dpkg of this machine; systemctl and the
 * clock of `timeout` are stand-ins.
 */
async function makePi(t: TestContext) {
  const context = await createTestContext(t);
  const { exec, tmpDir } = context;
  const at = (path: string) => join(tmpDir, path);
  for (const folder of [
    'bin',
    'root/var/lib/dpkg/info',
    'root/var/lib/dpkg/updates',
    'waiting/scripts',
    'waiting/packages',
    'units/multi-user.target.wants',
    'rc2.d',
  ]) {
    await mkdir(at(folder), { recursive: true });
  }
  await writeFile(at('root/var/lib/dpkg/status'), '');
  await writeFile(at('root/var/lib/dpkg/available'), '');
  // The parent of `timeout`.
  const findScript = `read -r _ _ _ script _ </proc/$PPID/stat; echo "$script" >'${at('script.pid')}'`;
  /** Ends the script and what it runs, as a power cut does. */
  const cut = `kill -9 $(cat '${at('script.pid')}'); kill -9 0`;
  const program = async (name: string, shell: string) => {
    await writeFile(at(`bin/${name}`), `#!/bin/sh\n${shell}\n`);
    await chmod(at(`bin/${name}`), 0o755);
  };
  await program('systemctl', `echo "$*" >>'${at('calls')}'`);
  await program(
    'dpkg',
    `${findScript}
exec /usr/bin/dpkg --root='${at('root')}' --force-not-root --force-script-chrootless --log='${at('dpkg.log')}' "$@"`,
  );
  /** Runs the script as at one start of the Pi. */
  const start = async () => {
    const env = {
      WWANPI_PATH: `${at('bin')}:/usr/sbin:/usr/bin:/sbin:/bin`,
      WWANPI_WAITING: at('waiting'),
      WWANPI_DONE: at('done'),
      WWANPI_LOG: at('log'),
      WWANPI_POLICY: at('policy-rc.d'),
      WWANPI_UNITS: at('units'),
      WWANPI_RUNLEVELS: at('rc2.d'),
      WWANPI_SCRIPT_SECONDS: '20',
    };
    const script = join(renderOverlays(), 'usr/lib/wwanpi/first-boot');
    // A killed dpkg takes the script with it: 137.
    const okExitCodes = [1, 137];
    const { exitCode, stdout } = await exec(['sh', '-c', `setsid -w dash '${script}'`], { env, okExitCodes });
    return { exitCode, said: stdout.trim().split('\n') };
  };
  const script = async (name: string, shell: string) => {
    await writeFile(at(`waiting/scripts/${name}`), `#!/bin/sh\n${shell}\n`);
    await chmod(at(`waiting/scripts/${name}`), 0o700);
  };
  /** A package whose postinst is the shell. */
  const deb = async (name: string, { depends = '', preDepends = '', postinst = 'true' } = {}) => {
    const tree = at(`debs/${name}`);
    await mkdir(join(tree, 'DEBIAN'), { recursive: true });
    await mkdir(join(tree, 'usr/share', name), { recursive: true });
    await writeFile(join(tree, 'usr/share', name, 'file'), name);
    const fields = [
      `Package: ${name}\nVersion: 1.0\nArchitecture: all\nMaintainer: nobody\nDescription: test`,
      ...(depends === '' ? [] : [`Depends: ${depends}`]),
      ...(preDepends === '' ? [] : [`Pre-Depends: ${preDepends}`]),
    ];
    await writeFile(join(tree, 'DEBIAN/control'), `${fields.join('\n')}\n`);
    await writeFile(join(tree, 'DEBIAN/postinst'), `#!/bin/sh\n${postinst}\n`);
    await chmod(join(tree, 'DEBIAN/postinst'), 0o755);
    await exec(['dpkg-deb', '--root-owner-group', '-b', tree, at(`waiting/packages/${name}_1.0_all.deb`)]);
  };
  const read = (path: string) => readFile(at(path), 'utf8').catch(() => '');
  const installed = async () =>
    [
      ...(await read('root/var/lib/dpkg/status')).matchAll(
        /^Package: (\S+)\nStatus: install ok installed$/gm,
      ),
    ].map(([, name]) => name);
  return { at, start, script, deb, findScript, cut, read, installed };
}

test('packages, whatever they need of each other, then scripts in their order; and nothing at the next start', async (t) => {
  const { at, start, script, deb, read, installed } = await makePi(t);
  await deb('a', {
    depends: 'c',
    postinst: `ln -s /etc/a.service '${at('units/multi-user.target.wants/a.service')}'`,
  });
  await deb('b', { preDepends: 'c' });
  await deb('c', { postinst: `[ -x '${at('policy-rc.d')}' ]` });
  await symlink('/etc/own.service', at('units/multi-user.target.wants/own.service'));
  await script('01-one', 'echo one; [ -e /proc ]');
  await script('02-two', 'echo two');
  const { exitCode, said } = await start();
  assert.equal(exitCode, 0, said.join('\n'));
  assert.deepEqual(said, [
    'packages: installing 3',
    'packages: installed 3',
    'packages: starting a.service',
    ...['01-one: begins', '01-one: done', '02-two: begins', '02-two: done', 'all is done'],
  ]);
  assert.deepEqual((await installed()).sort(), ['a', 'b', 'c']);
  assert.equal(await read('calls'), 'daemon-reload\n--no-block start a.service\n');
  assert.match(await read('log'), /one\n[\s\S]*two\n/);
  assert.equal(await read('policy-rc.d'), '');
  assert.deepEqual(await readdir(at('waiting')), ['scripts', 'state']);
  assert.deepEqual((await start()).said, ['all is done']);
});

test('a power cut while packages are set up: they are at the next start', async (t) => {
  const { at, start, deb, cut, script, read, installed } = await makePi(t);
  await deb('a', { postinst: `[ -e '${at('second')}' ] || { touch '${at('second')}'; ${cut}; }` });
  await deb('b');
  await script('01-one', 'echo one');
  assert.equal((await start()).exitCode, 137);
  assert.match(await read('policy-rc.d'), /exit 101/);
  assert.deepEqual(await installed(), []);
  const { exitCode, said } = await start();
  assert.equal(exitCode, 0, `${said.join('\n')}\n${await read('log')}`);
  assert.equal(said[0], 'packages: was interrupted; it begins again');
  assert.deepEqual((await installed()).sort(), ['a', 'b']);
  assert.equal(await read('policy-rc.d'), '');
});

test('a script that a power cut ended runs again; one that was done does not', async (t) => {
  const { at, start, script, findScript, cut, read } = await makePi(t);
  await script('01-one', `echo one >>'${at('ran')}'`);
  const second = `[ -e '${at('second')}' ] || { touch '${at('second')}'; ${findScript}; ${cut}; }`;
  await script('02-two', `echo two >>'${at('ran')}'; ${second}`);
  assert.equal((await start()).exitCode, 137);
  const { exitCode, said } = await start();
  assert.equal(exitCode, 0);
  assert.deepEqual(said, [
    '02-two: was interrupted; it begins again',
    '02-two: begins',
    '02-two: done',
    'all is done',
  ]);
  assert.equal(await read('ran'), 'one\ntwo\ntwo\n');
});

test('what fails is said, tried at three starts, and then left; the others run', async (t) => {
  const { at, start, script, read } = await makePi(t);
  await script('01-bad', 'echo broken; exit 3');
  await script('02-good', `echo good >>'${at('ran')}'`);
  const first = await start();
  assert.equal(first.exitCode, 1);
  assert.match(
    first.said.join('\n'),
    /01-bad: failed \(exit status 3\), try 1 of 3; the next start tries again/,
  );
  assert.equal(await read('done'), '');
  await start();
  const third = await start();
  assert.match(third.said.join('\n'), /try 3 of 3; given up[\s\S]*nothing is tried any more/);
  assert.equal(await read('done'), 'failed: yes\n');
  assert.equal(await read('ran'), 'good\n');
});

test('packages that cannot be installed hold the scripts up, and are not tried for ever', async (t) => {
  const { start, script, deb, at, read } = await makePi(t);
  await deb('a', { depends: 'nothing' });
  await script('01-one', `echo one >>'${at('ran')}'`);
  for (const _ of [1, 2]) assert.equal((await start()).exitCode, 1);
  const { said } = await start();
  assert.match(said.join('\n'), /packages: failed \(dpkg ended with 1\), try 3 of 3; given up/);
  assert.match(said.join('\n'), /the scripts do not run/);
  assert.match(await read('log'), /depends on nothing/);
  assert.equal(await read('ran'), '');
});

test('a policy-rc.d of the base stays', async (t) => {
  const { at, start, deb, read } = await makePi(t);
  await writeFile(at('policy-rc.d'), '#!/bin/sh\nexit 0\n');
  await deb('a');
  assert.equal((await start()).exitCode, 0);
  assert.equal(await read('policy-rc.d'), '#!/bin/sh\nexit 0\n');
});
