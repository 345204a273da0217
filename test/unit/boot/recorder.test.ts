import assert from 'node:assert/strict';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createRecorder } from '../../../src/boot/recorder.ts';
import { createDrivenClock } from '../../../src/modem/clock.ts';
import { createTestContext } from '../../helpers/context.ts';

test('a guest that goes on from a snapshot keeps the times of what it said before', async (t) => {
  const { console, probe } = await writeLogs(t, 'Linux version 6\nlogin', '10.00\tup\t6\n');
  const first = createDrivenClock();
  const whole = createRecorder({ clock: first, console, probe });
  t.after(() => whole.close());
  first.advanceTo(18_000);
  const before = await whole.read(undefined);
  assert.equal(before.resumedAtMs, 0);
  const times = {
    elapsedMs: before.elapsedMs,
    console: before.console.map((line) => line.t),
    probe: before.probe.map((line) => line.t),
  };

  const clock = createDrivenClock();
  clock.advanceTo(times.elapsedMs);
  const events = [{ type: 'power-on' as const, t: 19_000 }];
  const heard: string[] = [];
  const recorder = createRecorder({ clock, console, probe, modem: { events }, earlier: times }, (line) =>
    heard.push(line),
  );
  t.after(() => recorder.close());
  clock.advanceTo(30_000);
  await appendFile(console, ': \n');
  await appendFile(probe, '20.00\tfetch\tok online\n');
  const record = await recorder.read('QEMU ended');
  assert.deepEqual(record, {
    elapsedMs: 30_000,
    resumedAtMs: 18_000,
    console: [
      { t: 18_000, text: 'Linux version 6' },
      { t: 30_000, text: 'login: ' },
    ],
    probe: [
      { t: 18_000, uptimeSeconds: 10, kind: 'up', text: '6' },
      // By the probe's own clock, which began 8 s after power-on.
      { t: 28_000, uptimeSeconds: 20, kind: 'fetch', text: 'ok online' },
    ],
    // From the guest's power-on, not from the modem's.
    events,
    ended: 'QEMU ended',
  });
  assert.deepEqual(heard, ['Linux version 6', 'login: ']);
});

test('a clock that is behind makes no line older than an event that came before it', async (t) => {
  const { console, probe } = await writeLogs(t, '', '10.00\tup\t6\n');
  const clock = createDrivenClock();
  // The guest's kernel began 0.4 s after power-on, and the host is so busy that the clock is 0.6 s behind.
  let guestMs = 10_400;
  const catchUp = async () => clock.advanceTo(guestMs);
  clock.advanceTo(guestMs - 600);
  const recorder = createRecorder({ clock, catchUp, console, probe });
  t.after(() => recorder.close());
  await recorder.read(undefined);
  guestMs = 20_500;
  clock.advanceTo(guestMs - 200);
  const leaseAtMs = clock.now();
  await appendFile(probe, '20.10\tdns\tok 10.64.64.9\n');
  const { probe: lines } = await recorder.read(undefined);
  assert.ok((lines.at(-1)?.t ?? 0) >= leaseAtMs, JSON.stringify(lines));
});

/** The files of a guest that has said this so far. */
async function writeLogs(t: TestContext, consoleText: string, probeText: string) {
  const { tmpDir } = await createTestContext(t);
  const console = join(tmpDir, 'console.log');
  const probe = join(tmpDir, 'probe.log');
  await writeFile(console, consoleText);
  await writeFile(probe, probeText);
  return { console, probe };
}
