import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Context } from '../../src/core/context.ts';
import { silentReporter } from '../../src/core/reporter.ts';
import { createExec } from '../../src/tools/exec.ts';

/** A context with real programs, its own cache and temporary folder, all gone when the test ends. */
export async function createTestContext(t: TestContext): Promise<Context> {
  const folder = await mkdtemp(join(tmpdir(), 'wwanpi-test-'));
  const abort = new AbortController();
  t.after(async () => {
    abort.abort();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    exec: createExec({ signal: abort.signal }),
    report: silentReporter,
    signal: abort.signal,
    cacheDir: join(folder, 'cache'),
    tmpDir: folder,
  };
}
