import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { endAfterShutdown, startGuestClock } from '../../../src/boot/guest-clock.ts';
import { prepareGuestKernel } from '../../../src/boot/prepare-guest-kernel.ts';
import { startProcess } from '../../../src/tools/exec.ts';
import { listenForQmp } from '../../../src/tools/qmp.ts';
import { createTestContext } from '../../helpers/context.ts';
import { runSmallGuest, withSharedCache } from '../../helpers/small-guest.ts';

test("the clock that QEMU tells is the guest's own, idle or at work, however slow the host", async (t) => {
  const context = await createTestContext(t);
  const kernel = await prepareGuestKernel(withSharedCache(context));
  const qmpSocket = join(context.tmpDir, 'qmp.sock');
  const { clock, shutDown, close } = await startGuestClock(qmpSocket);
  t.after(close);
  const fired: number[] = [];
  for (const ms of [20_000, 5000, 1e9]) clock.after(ms, () => fired.push(ms));
  const end = await runSmallGuest(context, kernel, {
    // Ten seconds of nothing, then a few of work.
    script:
      'read began _ </proc/uptime; sleep 10; i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; read ended _ </proc/uptime; echo "spent $began $ended"',
    trees: [],
    qmpSocket,
    clock,
    shutDown,
    timeoutMs: 300_000,
  });
  assert.equal(end.exitCode, 0, end.console);
  const [, began, ended] = /^spent ([\d.]+) ([\d.]+)$/m.exec(end.console)?.map(Number) ?? [];
  assert.ok(began !== undefined && ended !== undefined, end.console);
  t.diagnostic(
    `by the guest ${began} s to ${ended} s, by QEMU ${(end.guestMs / 1000).toFixed(1)} s at the end`,
  );
  assert.ok(ended - began > 10 && ended - began < 30, 'the guest slept ten seconds of its own time');
  // The kernel's time begins a moment after power-on.
  const ahead = end.guestMs / 1000 - ended;
  assert.ok(ahead > 0 && ahead < 20, `${ahead} s ahead`);
  assert.deepEqual(fired, [5000, 20_000]);
});

test('QMP: answers find their questions; an error, a strange line and the end are answered undefined', async (t) => {
  const { tmpDir } = await createTestContext(t);
  const path = join(tmpDir, 'qmp.sock');
  const qmp = await listenForQmp(path);
  t.after(() => qmp.close());
  const early = qmp.ask('first');
  const peer = connect(path);
  await once(peer, 'connect');
  peer.setEncoding('utf8');
  let heard = '';
  peer.on('data', (text: string) => {
    heard += text;
    for (const line of text.split('\n').filter((each) => each !== '')) {
      const { execute, arguments: args, id } = JSON.parse(line);
      const error = { class: 'CommandNotFound', desc: 'no such command' };
      const answer = execute === 'wrong' ? { error } : { return: { execute, args } };
      if (execute !== 'never')
        peer.write(`{"event": "STOP"}\nno JSON\n${JSON.stringify({ ...answer, id })}\n`);
    }
  });
  assert.deepEqual(await early, { execute: 'first' });
  assert.match(heard, /"qmp_capabilities"[^\n]*\n[\s\S]*"first"/);
  assert.deepEqual(await Promise.all([qmp.ask('a'), qmp.ask('b')]), [{ execute: 'a' }, { execute: 'b' }]);
  assert.equal(await qmp.ask('wrong'), undefined);
  assert.deepEqual(await qmp.order('b', { c: 1 }), { execute: 'b', args: { c: 1 } });
  await assert.rejects(qmp.order('wrong'), /QEMU refuses wrong: no such command/);
  const open = qmp.ask('never');
  const ordered = qmp.order('never');
  peer.destroy();
  assert.equal(await open, undefined);
  await assert.rejects(ordered, /QEMU refuses never: it has ended/);
  assert.equal(await qmp.ask('later'), undefined);
});

test('a QEMU that hangs after its guest has powered off is ended; one that ends by itself is left alone', async (t) => {
  const { tmpDir, signal } = await createTestContext(t);
  const path = join(tmpDir, 'qmp.sock');
  const { shutDown, close } = await startGuestClock(path);
  t.after(close);
  const hanging = startProcess(['sleep', 'infinity'], { signal });
  const quick = startProcess(['true'], { signal });
  const ended = Promise.all([endAfterShutdown(hanging, shutDown, 10), endAfterShutdown(quick, shutDown)]);
  const peer = connect(path);
  peer.write('{"timestamp": {}, "event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-shutdown"}}\n');
  await ended;
  assert.equal((await hanging.exited).signal, 'SIGTERM');
  assert.equal((await quick.exited).exitCode, 0);
  peer.destroy();
});
