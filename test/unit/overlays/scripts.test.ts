import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { BugError } from '../../../src/core/errors.ts';
import { packageRoot } from '../../../src/core/package.ts';
import { readOverlay } from '../../../src/customise/read-overlay.ts';
import { createTestContext } from '../../helpers/context.ts';

test('every script among the overlays is clean to shellcheck and to its own shell', async (t) => {
  const { exec } = await createTestContext(t);
  const folder = join(packageRoot, 'overlays');
  const scripts: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const text = await readFile(path, 'utf8');
    if (text.startsWith('#!/usr/bin/perl\n')) {
      scripts.push(path);
      await exec(['perl', '-wc', path]);
    }
    const shell = /^#!\/bin\/(ba)?sh\n/.exec(text);
    if (shell === null) continue;
    scripts.push(path);
    await exec(['shellcheck', path]);
    await exec([shell[1] === undefined ? 'dash' : 'bash', '-n', path]);
  }
  for (const known of [
    ...['rootfs/usr/lib/wwanpi/ndisdup', 'rootfs/usr/lib/wwanpi/ask-network'],
    ...['boot-test/init', 'boot-test/probe'],
  ]) {
    assert.ok(scripts.includes(join(folder, known)), known);
  }
});

test('an overlay that does not exist is a bug', () => {
  assert.throws(() => readOverlay('/etc/nothing'), BugError);
  assert.match(readOverlay('/etc/resolv.conf.head'), /@@SERVERS@@/);
});

test('a part that scripts of both stacks share stands in each, without its own first lines', () => {
  for (const stack of ['ifupdown', 'networkmanager'] as const) {
    const script = readOverlay('/usr/lib/wwanpi/card-plan', { stack, bootFolder: '/boot' });
    assert.equal(script.match(/^(?:merge_values|fill|plan_hostname)\(\) \{$/gm)?.length, 3);
    assert.equal(script.match(/^#!/gm)?.length, 1);
    assert.doesNotMatch(script, /@@PART/);
  }
});
