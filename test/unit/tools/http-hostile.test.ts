import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import type { Context } from '../../../src/core/context.ts';
import { InputError, InterruptedError, NetworkError } from '../../../src/core/errors.ts';
import { startPace } from '../../../src/tools/download-pace.ts';
import { type DownloadOptions, downloadFile } from '../../../src/tools/http.ts';
import { createTestContext } from '../../helpers/context.ts';
import { startServer } from '../../helpers/http-server.ts';
import { mountSmallDisk } from '../../helpers/small-disk.ts';
import { PATIENCE_MS, waitFor } from '../../helpers/wait-for.ts';

const CONTENT = randomBytes(100_000);
const HALF = CONTENT.length / 2;

/** A clock that only goes on when it is asked: 10 s each time. */
function quickClock(): () => number {
  let ms = 0;
  return () => (ms += 10_000);
}

const OPTIONS: DownloadOptions = {
  attempts: 4,
  retryDelayMs: 0,
  idleTimeoutMs: PATIENCE_MS,
  maxBytes: 2 * CONTENT.length,
  // Stands still, so that no test hangs on how busy the machine is.
  now: () => 0,
};

/** Sends some bytes and cuts the connection when they are on the client's disk: what it had only received would be lost. */
function sendAndCut(response: ServerResponse, path: string, bytes: Buffer, sizeBytes: number): void {
  response.write(bytes);
  const timer = setInterval(async () => {
    const part = await stat(`${path}.part`).catch(() => undefined);
    if (part?.size !== sizeBytes) return;
    clearInterval(timer);
    response.destroy();
  }, 1);
  response.on('close', () => clearInterval(timer));
}

type Answer = (request: IncomingMessage, response: ServerResponse, path: string) => void;

async function download(t: TestContext, answer: Answer, options: Partial<DownloadOptions> = {}) {
  const context = await createTestContext(t);
  const path = join(context.tmpDir, 'file.zip');
  const { url, requests } = await startServer(t, (q, r) => answer(q, r, path));
  const failure = await downloadFile(context, url, path, { ...OPTIONS, ...options }).then(
    () => assert.fail('it must fail'),
    (error: unknown) => error,
  );
  assert.ok(failure instanceof NetworkError, String(failure));
  const left = (await readdir(context.tmpDir)).filter((name) => name.startsWith('file.zip'));
  return { message: failure.message, requests, left };
}

const HEAD = { 'content-length': CONTENT.length, etag: '"v1"' };

/** A proxy that takes every range for the beginning. */
const fromStart: Answer = (request, response, path) => {
  if (request.headers.range === undefined) {
    response.writeHead(200, HEAD);
    sendAndCut(response, path, CONTENT.subarray(0, HALF), HALF);
  } else {
    const range = `bytes 0-${CONTENT.length - 1}/${CONTENT.length}`;
    response.writeHead(206, { ...HEAD, 'content-range': range }).end(CONTENT);
  }
};

test('a range in the wrong place is asked for a few times: what comes again is no progress', async (t) => {
  const { message, requests } = await download(t, fromStart);
  assert.match(message, /could not download http/);
  assert.ok(requests.length <= 5, `${requests.length} requests`);
});

/** One byte more at each try. */
const oneByte: Answer = (request, response, path) => {
  const have = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const range = `bytes ${have}-${CONTENT.length - 1}/${CONTENT.length}`;
  response.writeHead(have === 0 ? 200 : 206, {
    etag: '"v1"',
    'content-length': CONTENT.length - have,
    ...(have === 0 ? {} : { 'content-range': range }),
  });
  sendAndCut(response, path, CONTENT.subarray(have, have + 1), have + 1);
};

test('a byte a try ends after two minutes, or with the last try', async (t) => {
  const slow = await download(t, oneByte, { now: quickClock() });
  assert.match(slow.message, /received almost nothing in \d+ s/);
  assert.ok(slow.requests.length <= 13, `${slow.requests.length} requests`);
  const often = await download(t, oneByte, { maxTries: 20 });
  assert.equal(often.requests.length, 20);
});

test('a byte a moment ends after two minutes; what came is kept', async (t) => {
  const drip: Answer = (_request, response) => {
    response.writeHead(200, HEAD);
    const timer = setInterval(() => response.write('x'), 1);
    response.on('close', () => clearInterval(timer));
  };
  const { message, requests, left } = await download(t, drip, { now: quickClock() });
  assert.match(message, /received almost nothing in \d+ s/);
  assert.equal(requests.length, 1);
  assert.deepEqual(left, ['file.zip.part', 'file.zip.part.json']);
});

test('a file without end ends at the largest size, and nothing of it stays', async (t) => {
  const endless: Answer = (_request, response) => {
    response.writeHead(200, { etag: '"v1"' });
    const more = (): void => {
      while (response.writable && response.write(CONTENT));
    };
    response.on('drain', more);
    more();
  };
  const { message, requests, left } = await download(t, endless);
  assert.match(message, /sends more than 200000 bytes/);
  assert.equal(requests.length, 1);
  assert.deepEqual(left, []);
});

test('a file announced as too long is not taken at all, also where only its end is left', async (t) => {
  const whole = await download(t, (_q, r) => r.writeHead(200, { 'content-length': 200_001 }).write(CONTENT));
  assert.match(whole.message, /sends more than 200000 bytes/);
  assert.deepEqual(whole.left, []);
  const rest = await download(t, (q, r, path) => {
    if (q.headers.range === undefined) {
      r.writeHead(200, HEAD);
      return sendAndCut(r, path, CONTENT.subarray(0, HALF), HALF);
    }
    r.writeHead(206, { etag: '"v1"', 'content-range': `bytes ${HALF}-200000/200001` }).write(CONTENT);
  });
  assert.match(rest.message, /sends more than 200000 bytes/);
  assert.deepEqual(rest.left, []);
});

test('a full disk is an error at once, and gets its room back', async (t) => {
  const context = await createTestContext(t);
  const disk = await mountSmallDisk(t, 64 * 1024);
  if (typeof disk === 'string') return t.skip(disk);
  const { url, requests } = await startServer(t, (_q, r) => r.writeHead(200, HEAD).end(CONTENT));
  await assert.rejects(downloadFile(context, url, join(disk.folder, 'file.zip'), OPTIONS), (error) => {
    assert.ok(error instanceof InputError, String(error));
    assert.match(error.message, /ENOSPC/);
    return true;
  });
  assert.equal(requests.length, 1);
  assert.deepEqual(await readdir(disk.folder), []);
});

test('Ctrl-C ends every wait: for an answer, for bytes, for the next try', async (t) => {
  const waits: [string, Answer][] = [
    ['an answer', () => undefined],
    ['bytes', (_q, r) => void r.writeHead(200, HEAD).write('x')],
    ['the next try', (_q, r) => void r.writeHead(503).end()],
  ];
  for (const [what, answer] of waits) {
    const context: Context = await createTestContext(t);
    const abort = new AbortController();
    const { url, requests } = await startServer(t, (q, r) => answer(q, r, ''));
    const options = { ...OPTIONS, attempts: 100, retryDelayMs: 10 * PATIENCE_MS };
    const running = downloadFile(
      { ...context, signal: abort.signal },
      url,
      join(context.tmpDir, 'x'),
      options,
    );
    void waitFor(`the wait for ${what}`, () => requests.length === 1).then(() => abort.abort());
    await assert.rejects(running, InterruptedError, what);
    assert.equal(requests.length, 1);
  }
});

test('a slow line is fast enough, also after a silence', () => {
  let seconds = 0;
  const pace = startPace('http://x.test', { now: () => seconds * 1000 });
  for (; seconds < 6000; seconds += 1) pace.note(1500, (seconds + 1) * 1500);
  assert.equal(pace.mostBytes(), 9_000_000);
  seconds += 60;
  pace.note(500_000, 9_500_000);
  pace.check();
  seconds += 240;
  assert.throws(() => pace.check(), NetworkError);
});
