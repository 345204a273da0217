import assert from 'node:assert/strict';
import { test } from 'node:test';
import { play } from '../../helpers/play.ts';
import { assertGoldenText, KEYS } from '../../helpers/screen.ts';

/** What a person sees of a run: whole screens, wide and narrow. See test/helpers/play.ts. */

const BUILD = `
  report.step('Host tools')('28 programs');
  const base = report.step('Base', { usualSeconds: 300 });
  base.update('112 of 169 packages');
  pass(134);
  await gate('packages');
  report.warn("Debian's bookworm-security is left out: the mirror's index is broken just now, so say all of its files");
  await gate('warned');
  base('debian-bookworm, SHA-256 0123456789abcdef…');
  const compile = report.step('libqmi compile');
  const bar = report.progress('libqmi_1.32.2.orig.tar.xz', 1_000_000);
  bar.update(0);
  pass(3);
  bar.update(250_000);
  await gate('bar');
  bar.done();
  const transfer = report.step('Send');
  transfer.bytes(0, 2_100_000_000);
  pass(12);
  transfer.bytes(700_000_000, 2_100_000_000);
  await gate('bytes');
  transfer('12 files');
  compile('armhf, clang 14');
  report.info('the end');`;

for (const columns of [80, 40]) {
  test(`a build on ${columns} columns: rows come and go, lines stay`, async (t) => {
    const { screen, reach, open } = await play(t, BUILD, { columns });
    for (const gate of ['packages', 'warned', 'bar', 'bytes']) {
      await reach(gate);
      await assertGoldenText(`report/build-${columns}-${gate}`, screen.text());
      await open(gate);
    }
    assert.equal(await screen.exited(), 0);
    await assertGoldenText(`report/build-${columns}-end`, screen.history());
    await assertGoldenText(`report/build-${columns}-colours`, screen.colours());
  });
}

test('a window that changes its size leaves no piece of a row behind, and loses no line', async (t) => {
  const scene = `
    report.info('a line that stays');
    const step = report.step('Release');
    step.update('a long row '.repeat(12));
    const bar = report.progress('Read', 1000);
    bar.update(500);
    await gate('wide');
    await gate('narrow');
    await gate('wide-again');
    bar.done();
    step('done');`;
  const { screen, reach, open } = await play(t, scene, { columns: 100 });
  await reach('wide');
  screen.resize(37, 24);
  await open('wide');
  await reach('narrow');
  await assertGoldenText('report/resize-narrow', screen.history());
  screen.resize(120, 24);
  await open('narrow');
  await reach('wide-again');
  await assertGoldenText('report/resize-wide', screen.history());
  await open('wide-again');
  await screen.exited();
  assert.match(screen.history(), /^ {4}a line that stays\n {2}✓ Release {10}done$/);
});

test('a row keeps its place when somebody types Enter or letters, and nothing typed is shown', async (t) => {
  const scene = `
    report.info('a line that stays');
    const step = report.step('Release');
    await gate('typing');
    await gate('typed');
    step('done');`;
  const { screen, reach, open } = await play(t, scene);
  await reach('typing');
  screen.type(`ls${KEYS.enter}${KEYS.enter}`);
  await open('typing');
  await reach('typed');
  await open('typed');
  await screen.exited();
  assert.match(screen.history(), /^ {4}a line that stays\n {2}✓ Release {10}done$/);
});

test('a key that was typed before a row, and is shown, leaves nothing of the row behind', async (t) => {
  const scene = `
    report.info('a line that stays');
    await gate('typing');
    const row = report.waiting();
    row.update('a long row '.repeat(12));
    await gate('drawn');
    row.done();
    report.info('the end');`;
  const { screen, reach, open } = await play(t, scene);
  await reach('typing');
  screen.type('ls');
  await screen.waitForText(/^ls$/m);
  await open('typing');
  await reach('drawn');
  await open('drawn');
  await screen.exited();
  assert.equal(screen.history(), '    a line that stays\n    the end');
});

test('a question and another program have the terminal to themselves, with echo, and the rows come back', async (t) => {
  const scene = `
    const step = report.step('Image');
    await gate('before');
    const answer = await report.hold(() => new Promise((resolve) => {
      process.stderr.write('Type its name: ');
      process.stdin.once('data', (text) => { process.stdin.pause(); resolve(String(text).trim()); });
    }));
    await gate('after');
    step('the answer was ' + answer);`;
  const { screen, reach, open } = await play(t, scene);
  await reach('before');
  await open('before');
  await screen.waitForText('Type its name: ');
  screen.type(`sdb${KEYS.enter}`);
  await reach('after');
  await assertGoldenText('report/question', screen.text());
  await open('after');
  await screen.exited();
  assert.match(screen.text(), /^Type its name: sdb\n {2}✓ Image {12}the answer was sdb$/);
});

test('more rows than the window is high are counted, not drawn over each other', async (t) => {
  const scene = `
    const steps = Array.from({ length: 9 }, (_, n) => report.step('Step ' + n));
    await gate('many');
    for (const step of steps) step();`;
  const { screen, reach, open } = await play(t, scene, { rows: 6 });
  await reach('many');
  await assertGoldenText('report/many-rows', screen.history());
  await open('many');
  await screen.exited();
  await assertGoldenText('report/many-rows-end', screen.history());
});

test('a run that fails names the step that failed', async (t) => {
  const { screen } = await play(t, `report.step('Host tools')('28 programs'); report.step('Base'); throw 1;`);
  await screen.exited();
  await assertGoldenText('report/failed-step', screen.history());
});

test('Ctrl-C is answered at once, and the step that it stopped is named', async (t) => {
  const scene = `
    process.once('SIGINT', () => report.stopping());
    const step = report.step('libqmi compile');
    await gate('running');
    await gate('stopping');
    throw new Error('interrupted');`;
  const { screen, reach, open } = await play(t, scene);
  await reach('running');
  screen.type(KEYS.ctrlC);
  await screen.waitForText('stopping…');
  await open('running');
  await reach('stopping');
  await assertGoldenText('report/stopping', screen.text());
  await open('stopping');
  await screen.exited();
  await assertGoldenText('report/stopped', screen.text());
});

test('what fails and is tried again is shown as failed, and once', async (t) => {
  const scene = `
    const send = report.step('Send');
    send.bytes(5, 10);
    report.fail();
    report.warn('the connection is lost; trying again in 2 s');
    report.step('Send')('12 files');
    report.step('forgotten');`;
  const { screen } = await play(t, scene);
  await screen.exited();
  assert.equal(
    screen.history(),
    [
      '  ✗ Send             failed',
      '  ! the connection is lost; trying again in 2 s',
      '  ✓ Send             12 files',
    ].join('\n'),
  );
});
