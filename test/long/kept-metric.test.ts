import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { bootPi, buildPi } from '../helpers/long-boots.ts';

/** Where NetworkManager runs scripts before a device counts as connected, and waits for them: NetworkManager-dispatcher(8). */
const BEFORE_CONNECTED = 'etc/NetworkManager/dispatcher.d/pre-up.d';

/**
 * NetworkManager 1.52 keeps 20000 on a metric if its check is done before the connection is (nm-device.c,
 * concheck_update_state). It happens now and then; a slow script brings it about each time. The scenario demands the
 * metric that a modem should have.
 */
test('a metric that NetworkManager kept is corrected, and the Pi is online', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'wwanpi-metric-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const scripts = join(folder, 'tree', BEFORE_CONNECTED);
  await mkdir(scripts, { recursive: true });
  await writeFile(join(scripts, 'slow'), '#!/bin/sh\nsleep 6\n', { mode: 0o755 });
  const tree = ['--extra-tree', join(folder, 'tree')];
  const image = await buildPi(folder, 'slow', '--base', 'debian-trixie-arm64', ...tree);
  await bootPi(t, image, 'online', '--timeout', '600');
  const log = await readFile(join(`${image}-online`, 'probe.log'), 'utf8');
  const kept =
    /NetworkManager kept the metric 20\d{3} on \S+, though its check found the internet; turning the check off/;
  assert.match(log, kept);
});
