import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { packageRoot } from '../../src/core/package.ts';
import { openScreen, type Screen, type ScreenOptions } from './screen.ts';
import { waitFor } from './wait-for.ts';

/** A scene that is played on a screen, in a process of its own, and waits at each gate for the test. */
export interface Play {
  readonly screen: Screen;
  /** Waits until the scene has come to a gate and what it drew is on the screen, so that the test may look. */
  reach(gate: string): Promise<void>;
  /** Lets it go on from there. */
  open(gate: string): Promise<void>;
}

/**
 * Plays a scene of reports on a screen: the body of an async function. There, `report` is the Reporter of a command
 * without options, `pass(seconds)` lets time pass, which stands still otherwise, `await gate('x')` stops until the test
 * opens it, `tools` are the exports of src/report/choose-reporter.ts, and `pageResult` is that of print-result.ts. Rows are drawn at most every 100 ms, so a gate
 * waits until the last one is drawn. Each second all are drawn again: a gate does that, too, so that what is seen does
 * not depend on when it was.
 */
export async function play(t: TestContext, scene: string, options: ScreenOptions = {}): Promise<Play> {
  const folder = await mkdtemp(join(tmpdir(), 'wwanpi-play-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const gatePath = (name: string, state: 'reached' | 'open') => join(folder, `${name}-${state}`);
  const program = `
    import * as tools from '${join(packageRoot, 'src/report/choose-reporter.ts')}';
    import { existsSync, writeFileSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    const { pageResult } = await import('${join(packageRoot, 'src/report/print-result.ts')}');
    const gate = async (name) => {
      await sleep(250);
      process.stderr.emit('resize');
      writeFileSync('${folder}/' + name + '-reached', '');
      while (!existsSync('${folder}/' + name + '-open')) await sleep(10);
    };
    let clockMs = 0;
    Date.now = () => clockMs;
    const pass = (seconds) => { clockMs += seconds * 1000; };
    const report = tools.createReporter({});
    const play = async () => { ${scene} };
    await play().then(() => tools.endReports('done'), () => tools.endReports('failed'));`;
  const screen = openScreen(
    t,
    [process.execPath, '--import', 'tsx', '--input-type=module', '--eval', program],
    { cwd: packageRoot, ...options },
  );
  return {
    screen,
    reach: async (gate) => {
      await waitFor(`the gate ${gate}`, () => existsSync(gatePath(gate, 'reached')));
      await screen.settled();
    },
    open: async (gate) => writeFile(gatePath(gate, 'open'), ''),
  };
}
