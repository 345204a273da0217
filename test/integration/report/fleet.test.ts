import { test } from 'node:test';
import { play } from '../../helpers/play.ts';
import { assertGoldenText, KEYS } from '../../helpers/screen.ts';

/** What a person sees of a fleet: the lines of the shared steps, then those of the images, and nothing else at the end. */

const result = `
  const result = (name, more) => ({
    name, apn: 'internet', base: 'debian-bookworm', seconds: 12, verdict: 'built',
    files: [{ name: name + '.img', sizeBytes: 713_031_680, sha256: 'ab'.repeat(32), kind: 'image' }], ...more,
  });
  const fleet = tools.chooseFleetProgress({}, { total: 3, jobs: 2, dryRun: false });`;

const FLEET = `${result}
  report.step('Host tools')('28 programs');
  const base = report.step('Base');
  await gate('shared');
  base('debian-bookworm, SHA-256 0123456789abcdef…');
  fleet.begin('us-metropcs');
  fleet.begin('a-name-that-is-longer-than-its-column');
  fleet.step('us-metropcs', 'Copy');
  pass(7);
  await gate('two');
  fleet.finish(result('us-metropcs'));
  fleet.begin('gb-ee');
  report.warn('cannot write the cache: compressed blocks are not kept for the next image');
  pass(5);
  await gate('third');
  fleet.finish(result('a-name-that-is-longer-than-its-column', { verdict: 'failed', files: [], error: 'no room' }));
  fleet.finish(result('gb-ee', { verdict: 'unchanged', seconds: 0.2 }));
  fleet.close();`;

for (const columns of [80, 40]) {
  test(`a fleet on ${columns} columns: no line of the shared steps is lost, none of the total is left`, async (t) => {
    const { screen, reach, open } = await play(t, FLEET, { columns });
    for (const gate of ['shared', 'two', 'third']) {
      await reach(gate);
      await assertGoldenText(`fleet/${columns}-${gate}`, screen.history());
      await open(gate);
    }
    await screen.exited();
    await assertGoldenText(`fleet/${columns}-end`, screen.history());
    await assertGoldenText(`fleet/${columns}-colours`, screen.colours());
  });
}

test('Ctrl-C in a fleet is answered at once, below the images in work', async (t) => {
  const scene = `${result}
    process.once('SIGINT', () => report.stopping());
    fleet.begin('us-metropcs');
    fleet.step('us-metropcs', 'Release');
    await gate('running');
    await gate('stopping');
    fleet.close();`;
  const { screen, reach, open } = await play(t, scene);
  await reach('running');
  screen.type(KEYS.ctrlC);
  await screen.waitForText('stopping…');
  await open('running');
  await reach('stopping');
  await assertGoldenText('fleet/stopping', screen.text());
  await open('stopping');
  await screen.exited();
  await assertGoldenText('fleet/stopped', screen.text());
});
