import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createTestContext } from '../../helpers/context.ts';
import { createFakePorts, type FakePort } from '../../helpers/fake-ports.ts';
import { pathWithoutTimeouts } from '../../helpers/no-timeouts.ts';
import { renderOverlays } from '../../helpers/rendered-overlays.ts';
import { PATIENCE_MS } from '../../helpers/wait-for.ts';

const SCRIPT = join(renderOverlays(), 'usr/lib/wwanpi/ndisdup');
const COMMAND = 'AT^NDISDUP=1,1,"internet","user","S3cret!",2';

interface Outcome {
  readonly exitCode: number;
  readonly log: string;
  /** What the marker file holds, or undefined. */
  readonly marker: string | undefined;
  readonly received: ReadonlyMap<string, string[]>;
}

/** Where a port is to stay silent: a second, and the script goes on. Where it answers, that may take minutes. */
const PROBE_BRIEFLY = { WWANPI_PROBE_SECONDS: '1' };

/** Runs the real script against made-up ports, with its tries few. */
async function run(
  t: TestContext,
  ports: readonly FakePort[],
  env: Record<string, string> = {},
): Promise<Outcome> {
  const { exec, tmpDir } = await createTestContext(t);
  const { dev, sys, received } = await createFakePorts(t, ports);
  const conf = join(tmpDir, 'ndisdup.conf');
  const marker = join(tmpDir, 'state/ndisdup.done');
  await writeFile(conf, `# as data\n${COMMAND}\n`);
  const result = await exec(['bash', SCRIPT], {
    env: {
      PATH: await pathWithoutTimeouts(tmpDir),
      WWANPI_CONF: conf,
      WWANPI_MARKER: marker,
      WWANPI_DEV: dev,
      WWANPI_SYS: sys,
      WWANPI_TRIES: '3',
      WWANPI_PAUSE: '0',
      WWANPI_PROBE_SECONDS: '300',
      WWANPI_ANSWER_SECONDS: '300',
      WWANPI_TOTAL_SECONDS: '3600',
      ...env,
    },
    okExitCodes: [1],
    timeoutMs: PATIENCE_MS,
  });
  const log = result.stdout + result.stderr;
  assert.doesNotMatch(log, /S3cret/, 'the password never reaches the journal');
  const marked = await readFile(marker, 'utf8').catch(() => undefined);
  return { exitCode: result.exitCode, log, marker: marked, received };
}

/** A port that says OK to everything but the dial command, to which it says `dial`. */
function port(name: string, dial: readonly string[] | (() => readonly string[]), vendor = '12d1'): FakePort {
  return {
    name,
    vendor,
    reply: (line) => {
      if (!line.startsWith('AT^NDISDUP')) return ['\r\nOK\r\n'];
      return typeof dial === 'function' ? dial() : dial;
    },
  };
}

const silent = (name: string, vendor = '12d1'): FakePort => ({ name, vendor, reply: () => [] });

test('sends the command to the port that answers, and marks itself done', async (t) => {
  const { exitCode, log, marker, received } = await run(
    t,
    [silent('ttyUSB0', '0403'), silent('ttyUSB1'), port('ttyUSB2', ['\r\nOK\r\n'])],
    { WWANPI_PROBE_SECONDS: '3', WWANPI_TRIES: '100' },
  );
  assert.equal(exitCode, 0, log);
  assert.match(log, /^ttyUSB2: the modem accepted the APN \(try \d+\)$/m);
  assert.equal(marker, 'ttyUSB2\n');
  assert.deepEqual(received.get('ttyUSB0'), [], "another vendor's port is sent nothing");
  // One try, unless this machine is so busy that an answer comes too late; each asks the silent port once.
  const tries = Number(/try (\d+)\)$/m.exec(log)?.[1]);
  assert.deepEqual(received.get('ttyUSB1'), Array(tries).fill('AT'));
  assert.deepEqual(received.get('ttyUSB2'), [...Array(tries).fill('AT'), 'AT+CMEE=1', COMMAND]);
});

test('passes over echo, unsolicited lines, garbage and split answers', async (t) => {
  const noisy: FakePort = {
    name: 'ttyUSB0',
    vendor: '12d1',
    reply: (line) => [
      `${line}\r`,
      '\r\n^RSSI: 17\r\n\r\n^MO',
      'DE: 17,8\r\n',
      '\x00\xff~\x01\r\n^HCSQ:"LTE",45,OK\r\n\r\nO',
      'K\r',
      '\n^DSFLOWRPT: 0,0,0\r\n',
    ],
  };
  const { exitCode, log, marker } = await run(t, [noisy]);
  assert.equal(exitCode, 0, log);
  assert.equal(marker, 'ttyUSB0\n');
});

test('retries a plain ERROR a bounded number of times', async (t) => {
  const { exitCode, log, marker, received } = await run(t, [port('ttyUSB0', ['\r\nERROR\r\n'])]);
  assert.equal(exitCode, 1);
  assert.equal(received.get('ttyUSB0')?.filter((line) => line === COMMAND).length, 3);
  assert.match(log, /refused the command: ERROR \(try 3 of 3\)\ngiving up/);
  assert.equal(marker, undefined);
});

test('takes OK after errors', async (t) => {
  let dials = 0;
  const { exitCode, log, marker } = await run(t, [
    port('ttyUSB0', () => (++dials < 3 ? ['\r\n+CME ERROR: 14\r\n'] : ['\r\nOK\r\n'])),
  ]);
  assert.equal(exitCode, 0, log);
  assert.match(log, /refused the command: \+CME ERROR: 14 \(try 1 of 3\)[\s\S]*accepted the APN \(try 3\)/);
  assert.equal(marker, 'ttyUSB0\n');
});

for (const [answer, says] of [
  ['+CME ERROR: 10', /no SIM card/],
  ['+CME ERROR: 11', /PIN/],
  ['+CME ERROR: 12', /PUK/],
  ['+CME ERROR: SIM PIN required', /PIN/],
] as const) {
  test(`stops at once on ${answer} and says what it is`, async (t) => {
    const { exitCode, log, marker, received } = await run(t, [port('ttyUSB0', [`\r\n${answer}\r\n`])]);
    assert.equal(exitCode, 1);
    assert.match(log, says);
    assert.equal(received.get('ttyUSB0')?.filter((line) => line === COMMAND).length, 1);
    assert.equal(marker, undefined);
  });
}

test('bounds every wait: a mute stick, and one that hangs on the dial command', async (t) => {
  const mute = await run(t, [silent('ttyUSB0')], PROBE_BRIEFLY);
  assert.equal(mute.exitCode, 1);
  assert.match(mute.log, /no serial port of the modem answers AT commands \(try 3 of 3\)/);
  const hangs = await run(t, [port('ttyUSB0', [])], {
    WWANPI_ANSWER_SECONDS: '1',
    WWANPI_TRIES: '1',
  });
  assert.equal(hangs.exitCode, 1);
  assert.match(hangs.log, /no answer within 1 s/);
  assert.equal(hangs.marker, undefined);
});

test('a stick that talks without end can not hold it up', async (t) => {
  const chatter: FakePort = {
    name: 'ttyUSB0',
    vendor: '12d1',
    *reply() {
      for (;;) yield '\r\n^RSSI: 9\r\n';
    },
  };
  const { exitCode, log } = await run(t, [chatter], { ...PROBE_BRIEFLY, WWANPI_TRIES: '1' });
  assert.equal(exitCode, 1, log);
});

test('the total time ends the tries too', async (t) => {
  const { exitCode, log } = await run(t, [port('ttyUSB0', ['\r\nERROR\r\n'])], { WWANPI_TOTAL_SECONDS: '0' });
  assert.equal(exitCode, 1);
  assert.match(log, /try 1 of 3\)\ngiving up/);
});

test('without a marker path it runs each time', async (t) => {
  const { exitCode, marker } = await run(t, [port('ttyUSB0', ['\r\nOK\r\n'])], { WWANPI_MARKER: '' });
  assert.equal(exitCode, 0);
  assert.equal(marker, undefined);
});

test('a missing or empty command file is said, and nothing is sent', async (t) => {
  const { exitCode, received } = await run(t, [port('ttyUSB0', ['\r\nOK\r\n'])], {
    WWANPI_CONF: '/dev/null',
  });
  assert.equal(exitCode, 1);
  assert.deepEqual(received.get('ttyUSB0'), []);
});
