import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { BootReport } from '../../src/boot/boot-report.ts';
import { runCli } from './cli.ts';

/** Builds an image of debian-bookworm for the APN "internet", through the built command; answers its path. */
export async function buildPi(folder: string, name: string, ...options: readonly string[]): Promise<string> {
  const usual = ['--base', 'debian-bookworm', '--apn', 'internet', '--output', folder];
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
  const folder = `${image}-${scenario}`;
  await mkdir(folder, { recursive: true });
  const json = join(folder, 'result.json');
  const args = ['--scenario', scenario, '--json', json, '--keep', folder, ...options];
  const { exitCode, stdout, stderr } = await runCli(['boot', image, ...args]);
  t.diagnostic(stdout);
  assert.equal(exitCode, 0, stdout + stderr);
  return JSON.parse(await readFile(json, 'utf8')) as BootReport;
}
