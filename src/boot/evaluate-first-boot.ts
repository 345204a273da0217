import { findUnit, firstSeen, probeLines } from './boot-record.ts';
import { type Evaluator, failed, met, skipped, waitUntil } from './milestone-result.ts';

/** The image's own packages are installed, its scripts have run, and the services that wait for both are running. */
export const evaluateFirstBoot: Evaluator = ({ scenario, setup }, record) => {
  const { expected } = scenario;
  const boundMs = expected.verdict === 'online' ? expected.firstBootWithinMs : undefined;
  if (boundMs === undefined) return skipped('the scenario does not wait for packages and scripts');
  if (setup.firstBoot === undefined) return skipped('the image brings no packages and no scripts');
  const said = probeLines(record, 'own').at(-1);
  if (said === undefined) return waitUntil(record, boundMs, 'packages and scripts are not done');
  if (said.text !== 'failed: no') {
    return failed('a package or script failed; /var/log/wwanpi-first-boot.log in the image says which');
  }
  const { units } = setup.firstBoot;
  const broken = units.find((name) => findUnit(record, name)?.active === 'failed');
  if (broken !== undefined) return failed(`the image's own ${broken} failed`);
  const missing = units.find((name) => findUnit(record, name)?.active !== 'active');
  if (missing !== undefined) return waitUntil(record, boundMs, `the image's own ${missing} does not run`);
  const times = [said.t, ...units.map((name) => firstSeen(record, name, 'active') ?? said.t)];
  const atMs = Math.max(...times);
  if (atMs > boundMs) return failed(`done only after ${Math.round(atMs / 1000)} s`);
  const running = units.length === 0 ? '' : `; ${units.join(', ')} running`;
  return met(atMs, `packages and scripts are done${running}`);
};
