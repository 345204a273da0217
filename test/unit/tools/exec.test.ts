import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { InterruptedError, ToolFailedError, ToolMissingError } from '../../../src/core/errors.ts';
import { createExec, formatArgv, readOutput, runAttached, startProcess } from '../../../src/tools/exec.ts';
import { findTimeLimit, TIME_LIMITS_MS, USUAL_LIMIT_MS } from '../../../src/tools/time-limits.ts';
import { waitFor } from '../../helpers/wait-for.ts';

const exec = createExec({ signal: new AbortController().signal });

test('output comes back as text and bytes', async () => {
  const result = await exec(['printf', 'a\\377b']);
  assert.deepEqual([...result.stdoutBytes], [0x61, 0xff, 0x62]);
  assert.equal(result.exitCode, 0);
});

test("arguments reach the program unchanged, and its environment is not the caller's", async () => {
  process.env.WWANPI_TEST_LEAK = 'leak';
  const result = await exec([
    'sh',
    '-c',
    'printf "%s|%s|%s" "$1" "$LC_ALL" "$WWANPI_TEST_LEAK"',
    'sh',
    '$(id) "x"',
  ]);
  delete process.env.WWANPI_TEST_LEAK;
  assert.equal(result.stdout, '$(id) "x"|C.UTF-8|');
});

test('standard input is what was given, or empty', async () => {
  assert.equal((await exec(['cat'], { input: 'hello' })).stdout, 'hello');
  assert.equal((await exec(['cat'])).stdout, '');
});

test('each line is told as it comes, of both outputs, and the output is the same', async () => {
  const lines: string[] = [];
  const script = 'printf "[1/2] a\\n[2/"; sleep 0.1; printf "2] b\\rc\\n" >&2; printf "2] \\303\\244\\nrest"';
  const { stdout } = await exec(['sh', '-c', script], { onLine: (line) => lines.push(line) });
  assert.deepEqual(lines.sort(), ['2] b', '[1/2] a', '[2/2] ä', 'c']);
  assert.equal(stdout, '[1/2] a\n[2/2] ä\nrest');
});

test('output that goes to a file is not held in memory', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'wwanpi-exec-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const stdoutFile = join(folder, 'out');
  const { stdoutBytes } = await exec(['seq', '1', '100000'], { stdoutFile });
  assert.equal(stdoutBytes.length, 0);
  assert.match(await readFile(stdoutFile, 'utf8'), /^1\n2\n[\s\S]*\n100000\n$/);
  await assert.rejects(exec(['sh', '-c', 'echo why >&2; exit 3'], { stdoutFile }), ToolFailedError);
});

test('a failing program is an error with its exit code and last words', async () => {
  await assert.rejects(exec(['sh', '-c', 'echo reason >&2; exit 3']), (error) => {
    assert.ok(error instanceof ToolFailedError);
    assert.match(error.message, /^sh failed with exit code 3$/);
    assert.match(error.detail ?? '', /reason/);
    return true;
  });
});

test('the last words of a program have an end', async () => {
  await assert.rejects(exec(['sh', '-c', 'head -c 1000000 /dev/zero | tr "\\\\0" x; exit 3']), (error) => {
    assert.ok(error instanceof ToolFailedError);
    assert.match(error.detail ?? '', /^x{1000}…$/m);
    assert.ok((error.detail ?? '').length < 2000);
    return true;
  });
});

test('an exit code that is an answer is none', async () => {
  assert.equal((await exec(['sh', '-c', 'exit 1'], { okExitCodes: [1] })).exitCode, 1);
});

test('a missing program, a time-out, a signal and an interrupt are different errors', async () => {
  await assert.rejects(exec(['wwanpi-no-such-program']), ToolMissingError);
  await assert.rejects(exec(['sleep', 'infinity'], { timeoutMs: 100 }), (error) => {
    assert.ok(error instanceof ToolFailedError);
    assert.match(error.message, /^sleep did not finish within 0\.1 s and was stopped$/);
    assert.match(error.hint ?? '', /run the command again/);
    assert.match(error.detail ?? '', /^\$ sleep infinity$/m);
    return true;
  });
  await assert.rejects(exec(['/etc/passwd']), /\/etc\/passwd could not be started/);
  await assert.rejects(exec(['sh', '-c', 'kill -TERM $$']), /signal SIGTERM/);
  const abort = new AbortController();
  const running = createExec({ signal: abort.signal })(['sleep', 'infinity']);
  abort.abort();
  await assert.rejects(running, InterruptedError);
});

test('everything run is logged as one could type it', async () => {
  const lines: string[] = [];
  const logging = createExec({ signal: new AbortController().signal, log: (text) => lines.push(text) });
  await logging(['echo', "it's"]);
  assert.equal(lines.join(''), "+ echo 'it'\\''s'\nit's\n");
  assert.equal(formatArgv(['a', '-b=c/d', 'e f']), "a -b=c/d 'e f'");
});

test('a started program ends when stopped, and with the run', async () => {
  const stopped = startProcess(['sleep', 'infinity'], { signal: new AbortController().signal });
  await stopped.stop();
  assert.equal((await stopped.exited).signal, 'SIGTERM');
  const abort = new AbortController();
  const aborted = startProcess(['sleep', 'infinity'], { signal: abort.signal });
  abort.abort();
  assert.notEqual((await aborted.exited).exitCode, 0);
  const failing = startProcess(['sh', '-c', 'echo reason >&2; exit 4'], {
    signal: new AbortController().signal,
  });
  assert.deepEqual(await failing.exited, { exitCode: 4, signal: undefined, stderr: 'reason' });
});

/** The ways a program is started, each with a program that runs on and says nothing. */
const STARTS: Readonly<Record<string, string>> = {
  'runs on': 'startProcess(child, { signal })',
  'is waited for': 'createExec({ signal })(child)',
  'gives its output': 'readOutput(child, signal, async (output) => { for await (const _ of output); })',
  'is attached': 'runAttached(child, {})',
};
for (const [number, [what, start]] of Object.entries(STARTS).entries()) {
  test(`a program that ${what} dies with a parent that was killed outright`, async () => {
    // For as long as no test runs, and no other run of this one.
    const child = ['sleep', `31415${number}.${process.pid}`];
    const parent = `
      import { createExec, formatArgv, readOutput, runAttached, startProcess } from '${new URL('../../../src/tools/exec.ts', import.meta.url).pathname}';
      import { waitFor } from '${new URL('../../helpers/wait-for.ts', import.meta.url).pathname}';
      const { signal } = new AbortController();
      const child = ${JSON.stringify(child)};
      void ${start};
      const look = ['pgrep', '-f', '^${child.join(' ')}'];
      await waitFor('the program', async () => (await createExec({ signal })(look, { okExitCodes: [1] })).stdout !== '');
      process.kill(process.pid, 'SIGKILL');`;
    await exec(['node', '--import', 'tsx', '--input-type=module', '-e', parent], { okExitCodes: [137] });
    await waitFor('its end', async () => {
      const left = await exec(['pgrep', '-f', `^${child.join(' ')}`], { okExitCodes: [1] });
      return left.stdout === '';
    });
  });
}

test('what works in namespaces of its own dies whole, as mmdebstrap does', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('needs root to make the namespaces');
  const child = ['sleep', `314159.${process.pid}`];
  const namespaces = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  if ((await exec([...namespaces, 'true'] as never, { okExitCodes: [1] })).exitCode !== 0)
    return t.skip('namespaces are not allowed here');
  const parent = `
    import { createExec } from '${new URL('../../../src/tools/exec.ts', import.meta.url).pathname}';
    import { waitFor } from '${new URL('../../helpers/wait-for.ts', import.meta.url).pathname}';
    const exec = createExec({ signal: new AbortController().signal });
    void exec([...${JSON.stringify(namespaces)}, 'sh', '-c', 'trap "" TERM; ${child.join(' ')}; true']);
    const look = ['pgrep', '-f', '^${child.join(' ')}'];
    await waitFor('the program', async () => (await exec(look, { okExitCodes: [1] })).stdout !== '');
    process.kill(process.pid, 'SIGKILL');`;
  await exec(['node', '--import', 'tsx', '--input-type=module', '-e', parent], { okExitCodes: [137] });
  await waitFor('its end', async () => {
    const left = await exec(['pgrep', '-f', `^${child.join(' ')}`], { okExitCodes: [1] });
    return left.stdout === '';
  });
});

test('each program has a time limit, by its name wherever it lies', () => {
  assert.equal(findTimeLimit(['true']), USUAL_LIMIT_MS);
  assert.equal(findTimeLimit(['./configure', '--host=x']), TIME_LIMITS_MS.configure);
  for (const [program, limitMs] of Object.entries(TIME_LIMITS_MS)) {
    assert.equal(findTimeLimit([`/usr/bin/${program}`]), limitMs);
    assert.ok(limitMs > USUAL_LIMIT_MS, program);
  }
});

test('output that never ends is ended at the limit', async () => {
  const drain = async (output: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const _ of output);
  };
  const { signal } = new AbortController();
  await assert.rejects(
    readOutput(['sleep', 'infinity'], signal, drain, { timeoutMs: 100 }),
    /^ToolFailedError: sleep did not finish within 0\.1 s and was stopped$/,
  );
});

test('a reader that begins late gets all the output; one that fails before it begins ends the program', async () => {
  const { signal } = new AbortController();
  const text = await readOutput(['printf', 'all of it'], signal, async (output) => {
    await exec(['true']);
    let read = '';
    for await (const chunk of output) read += Buffer.from(chunk).toString();
    return read;
  });
  assert.equal(text, 'all of it');
  const failing = readOutput(['yes'], signal, async () => {
    await exec(['true']);
    throw new RangeError('mine');
  });
  await assert.rejects(failing, { name: 'RangeError', message: 'mine' });
});

test('an attached program gives its exit code, and gets the signals that wwanpi gets', async () => {
  assert.equal(await runAttached(['sh', '-c', 'exit 7'], {}), 7);
  assert.equal(await runAttached(['sh', '-c', 'test "$WANTED" = yes'], { WANTED: 'yes' }), 0);
  await assert.rejects(runAttached(['wwanpi-no-such-program'], {}), ToolMissingError);
  const parent = `
    import { runAttached } from '${new URL('../../../src/tools/exec.ts', import.meta.url).pathname}';
    // Once it is ready for it, the program itself has its parent ended.
    const child = 'trap "echo told; exit 9" TERM; echo ready; kill -TERM $PPID; while :; do sleep 0.1; done';
    process.exitCode = await runAttached(['sh', '-c', child], {});`;
  const result = await exec(['node', '--import', 'tsx', '--input-type=module', '-e', parent], {
    okExitCodes: [9],
  });
  assert.equal(result.exitCode, 9);
  assert.equal(result.stdout, 'ready\ntold\n');
});
