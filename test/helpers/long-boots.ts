import assert from 'node:assert/strict';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { BootReport } from '../../src/boot/boot-report.ts';
import { createExec } from '../../src/tools/exec.ts';
import { makeDeb } from './archive.ts';
import { runCli } from './cli.ts';

/**
 * Builds an image for the APN "internet", through the built command; answers its path. Of debian-bookworm, unless the
 * options name another base.
 */
export async function buildPi(folder: string, name: string, ...options: readonly string[]): Promise<string> {
  const base = options.includes('--base') ? [] : ['--base', 'debian-bookworm'];
  const usual = [...base, '--apn', 'internet', '--output', folder];
  const built = await runCli(['build', ...usual, ...options, '--name', name]);
  assert.equal(built.exitCode, 0, built.stderr);
  return join(folder, `${name}.img`);
}

/** Boots it, through the built command; demands that it passes. */
export async function bootPi(
  t: TestContext,
  image: string,
  scenario: string,
  ...options: readonly string[]
): Promise<BootReport> {
  // A whole boot and a short one may run side by side.
  const folder = `${image}-${scenario}${options.includes('--from-snapshot') ? '-short' : ''}`;
  await mkdir(folder, { recursive: true });
  const json = join(folder, 'result.json');
  const args = ['--scenario', scenario, '--json', json, '--keep', folder, ...options];
  const { exitCode, stdout, stderr } = await runCli(['boot', image, ...args]);
  t.diagnostic(stdout);
  assert.equal(exitCode, 0, stdout + stderr);
  return JSON.parse(await readFile(json, 'utf8')) as BootReport;
}

/**
 * A small service in a tree, a package as a file, one by its name, and a script that needs both: the options of `build`
 * that put them into an image.
 */
export async function makeOwnFiles(folder: string): Promise<string[]> {
  const tree = join(folder, 'own-tree');
  const wants = join(tree, 'etc/systemd/system/multi-user.target.wants');
  for (const path of [wants, join(tree, 'srv/app')]) await mkdir(path, { recursive: true });
  const unit = '[Service]\nUser=pi\nExecStart=/srv/app/run\n';
  await writeFile(join(tree, 'etc/systemd/system/app.service'), unit);
  await symlink('../app.service', join(wants, 'app.service'));
  // Without the package it fails: it starts after it.
  await writeFile(join(tree, 'srv/app/run'), '#!/bin/sh\nhello && exec sleep infinity\n', { mode: 0o755 });
  await writeFile(join(tree, '.wwanpi-owners'), '/srv/app/** pi:pi\n');
  const exec = createExec({ signal: new AbortController().signal });
  const fields = { Version: '1', Architecture: 'all', Depends: 'figlet' };
  const deb = await makeDeb({ exec, tmpDir: folder }, 'own', fields);
  const script = join(folder, 'own.sh');
  await writeFile(script, '#!/bin/sh\nset -e\nfiglet own\nhello\n');
  return ['--extra-tree', tree, '--package', 'hello', deb, '--first-boot', script];
}
