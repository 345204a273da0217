import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { CompileError } from '../../../src/core/errors.ts';
import { RUN_FOLDER, secureQmiNetwork } from '../../../src/libqmi/secure-qmi-network.ts';
import { createTestContext } from '../../helpers/context.ts';
import { userLack } from '../../helpers/throwaway-user.ts';

/** The real qmi-network of Debian, before and after what wwanpi changes in it, against a user who plants its state. */

const NOBODY = 65_534;
const ORIGINAL = await readFile('/usr/bin/qmi-network', 'utf8');

/** Plants a state file as nobody, then dials with the script; whether code of nobody's ran. */
async function attack(t: TestContext, shell: string, script: string) {
  const { tmpDir: folder, exec } = await createTestContext(t);
  const [mark, run, device] = [
    join(folder, 'mark'),
    join(folder, 'run'),
    `wdm-${randomBytes(6).toString('hex')}`,
  ];
  const planted = `/tmp/qmi-network-state-${device}`;
  t.after(() => rm(planted, { force: true }));
  const plant = `printf '%s\\n' ': >${mark}' >${planted}`;
  const who = userLack() === undefined ? { uid: NOBODY, gid: NOBODY } : {};
  assert.equal(spawnSync('sh', ['-c', plant], who).status, 0);
  await mkdir(join(folder, 'bin'));
  const answers = 'echo "Packet data handle: \'7\'"; echo "CID: \'5\'"';
  await writeFile(join(folder, 'bin/qmicli'), `#!/bin/sh\n${answers}\n`);
  await chmod(join(folder, 'bin/qmicli'), 0o755);
  await writeFile(join(folder, 'qmi-network'), script.replaceAll(RUN_FOLDER, run));
  const { exitCode } = await exec([shell, join(folder, 'qmi-network'), `/dev/${device}`, 'start'], {
    env: { PATH: `${join(folder, 'bin')}:/usr/bin:/bin`, APN: 'internet' },
  });
  assert.equal(exitCode, 0);
  return { ranPlanted: existsSync(mark), run, state: join(run, `qmi-network-state-${device}`) };
}

for (const shell of ['dash', 'bash']) {
  test(`${shell}: a state file that a user planted in /tmp is run by the original, and not by ours`, async (t) => {
    assert.equal((await attack(t, shell, ORIGINAL)).ranPlanted, true, 'the attack works at all');
    const { ranPlanted, run, state } = await attack(t, shell, secureQmiNetwork(ORIGINAL));
    assert.equal(ranPlanted, false);
    assert.equal((await stat(run)).mode & 0o777, 0o700);
    assert.equal(await readFile(state, 'utf8'), 'CID="5"\nPDH="7"\n');
  });
}

test('a qmi-network without the known line, or with two, is refused', () => {
  const line = /^STATE_FILE=.*$/m.exec(ORIGINAL)?.[0] ?? '';
  for (const script of [ORIGINAL.replace(line, 'STATE_FILE=/tmp/x'), `${ORIGINAL}\n${line}\n`]) {
    assert.throws(() => secureQmiNetwork(script), CompileError);
  }
  assert.equal(secureQmiNetwork(ORIGINAL).match(/\/tmp\/qmi/), null);
});
