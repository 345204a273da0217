import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createExec } from '../../src/tools/exec.ts';
import { hashFile } from '../../src/tools/files/hash.ts';
import { runCli } from '../helpers/cli.ts';
import { copyCache } from '../helpers/linked-cache.ts';
import { createRandom } from '../helpers/mutate.ts';
import { findProcesses } from '../helpers/processes.ts';
import { waitFor } from '../helpers/wait-for.ts';

/** `KILLS=200 KILL_SEED=7` kills more often, at other moments. */
const KILLS = Number(process.env.KILLS ?? 20);
const random = createRandom(Number(process.env.KILL_SEED ?? 1));
const IMAGE = 'a.img';

/**
 * A build of debian-bookworm, killed outright at a random moment again and again. Every second one also makes its sysroot
 * anew, so that the kill meets writes into the cache.
 */
describe('a build that is killed', () => {
  let folder = '';
  let reference = '';
  let wholeMs = 0;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-kills-'));
    await copyCache(createExec({ signal: new AbortController().signal }), join(folder, 'cache'));
    await mkdir(join(folder, 'tmp'));
    assert.equal((await build()).exitCode, 0);
    const startMs = performance.now();
    const { exitCode, stderr } = await build();
    assert.equal(exitCode, 0, stderr);
    wholeMs = performance.now() - startMs;
    reference = await hashFile(join(folder, 'out', IMAGE));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  function build(afterMs?: number) {
    const names = ['--base', 'debian-bookworm', '--apn', 'internet', '--name', 'a', '--compress', 'none'];
    const folders = ['--cache-dir', join(folder, 'cache'), '--output', join(folder, 'out')];
    const killing =
      afterMs === undefined
        ? {}
        : { onStart: (kill: (signal: NodeJS.Signals) => void) => delay(afterMs).then(() => kill('SIGKILL')) };
    return runCli(['build', ...names, ...folders], { env: { TMPDIR: join(folder, 'tmp') }, ...killing });
  }

  test(`leaves no wrong image, no program, and the next one is right: ${KILLS} times`, async (t) => {
    let killed = 0;
    for (let turn = 0; turn < KILLS; turn += 1) {
      if (turn % 2 === 1) await rm(join(folder, 'cache/sysroots'), { recursive: true, force: true });
      if (turn % 3 === 2) await rm(join(folder, 'out'), { recursive: true, force: true });
      const atMs = random(Math.ceil(wholeMs * 1.1));
      const { exitCode } = await build(atMs);
      if (exitCode === null) killed += 1;
      const where = `kill ${turn} after ${atMs} of ${Math.round(wholeMs)} ms`;
      // The kernel ends the programs with it (PR_SET_PDEATHSIG), but not before this line.
      await waitFor('the end of all it ran', async () => (await findProcesses(folder)).length === 0);
      if ((await readdir(join(folder, 'out')).catch((): string[] => [])).includes(IMAGE)) {
        assert.equal(await hashFile(join(folder, 'out', IMAGE)), reference, where);
      }
      const next = await build();
      assert.equal(next.exitCode, 0, `${where}: ${next.stderr}`);
      assert.equal(await hashFile(join(folder, 'out', IMAGE)), reference, where);
      assert.match(await readFile(join(folder, 'out/SHA256SUMS'), 'utf8'), new RegExp(`^${reference} `, 'm'));
      const left = await readdir(join(folder, 'out'));
      assert.deepEqual(
        left.filter((name) => name.startsWith('.')),
        [],
        where,
      );
      assert.deepEqual(await readdir(join(folder, 'tmp')), [], where);
    }
    t.diagnostic(`${KILLS} kills, ${killed} of them before the build was done; ${KILLS} good builds`);
    assert.ok(killed > 0);
  });
});
