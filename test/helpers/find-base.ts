import assert from 'node:assert/strict';
import { runCli } from './cli.ts';

const found = new Map<string, Promise<string>>();

/**
 * The disk of a built base, as the command names it: a cache may hold others, of older sources. `make test` has it made before.
 * A process asks once, since each answer is a hash of the whole disk.
 */
export function findBaseDisk(name: string): Promise<string> {
  const disk = found.get(name) ?? ask(name);
  found.set(name, disk);
  return disk;
}

async function ask(name: string): Promise<string> {
  const { exitCode, stdout, stderr } = await runCli(['fetch', '--base', name]);
  assert.equal(exitCode, 0, stderr);
  return stdout.trim();
}
