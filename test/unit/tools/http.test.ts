import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { access, readFile, stat, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import type { Context } from '../../../src/core/context.ts';
import { InterruptedError, NetworkError } from '../../../src/core/errors.ts';
import { downloadFile } from '../../../src/tools/http.ts';
import { createTestContext } from '../../helpers/context.ts';
import { serveBytes, startServer } from '../../helpers/http-server.ts';
import { PATIENCE_MS, waitFor } from '../../helpers/wait-for.ts';

const CONTENT = randomBytes(300_000);
const QUICK = { attempts: 3, retryDelayMs: 5, idleTimeoutMs: PATIENCE_MS };

/** Announces everything, sends the first half, and cuts the connection once the client has the half on its disk: what it had only received would be lost. */
function sendHalf(response: ServerResponse, path: string, etag = '"v1"'): void {
  const half = CONTENT.length / 2;
  response.writeHead(200, { 'content-length': CONTENT.length, etag });
  response.write(CONTENT.subarray(0, half));
  const timer = setInterval(async () => {
    const part = await stat(`${path}.part`).catch(() => undefined);
    if (part?.size !== half) return;
    clearInterval(timer);
    response.destroy();
  }, 5);
  response.on('close', () => clearInterval(timer));
}

async function prepare(t: TestContext): Promise<{ context: Context; path: string }> {
  const context = await createTestContext(t);
  return { context, path: join(context.tmpDir, 'folder', 'file.zip') };
}

async function assertDelivered(path: string): Promise<void> {
  assert.ok(CONTENT.equals(await readFile(path)));
  await assert.rejects(access(`${path}.part`));
  await assert.rejects(access(`${path}.part.json`));
}

test('downloads a file in one go', async (t) => {
  const { context, path } = await prepare(t);
  const { url, requests } = await startServer(t, (q, r) => serveBytes(q, r, CONTENT));
  await downloadFile(context, `${url}/file.zip`, path, QUICK);
  await assertDelivered(path);
  assert.equal(requests[0]?.headers.range, undefined);
});

test('a connection cut in the middle is resumed where it broke', async (t) => {
  const { context, path } = await prepare(t);
  const { url, requests } = await startServer(t, (q, r, n) =>
    n === 1 ? sendHalf(r, path) : serveBytes(q, r, CONTENT),
  );
  await downloadFile(context, url, path, QUICK);
  await assertDelivered(path);
  assert.equal(requests[1]?.headers.range, `bytes=${CONTENT.length / 2}-`);
  assert.equal(requests[1]?.headers['if-range'], '"v1"');
});

test('a later run resumes what an earlier one left', async (t) => {
  const { context, path } = await prepare(t);
  let broken = true;
  const { url, requests } = await startServer(t, (q, r) =>
    broken ? sendHalf(r, path) : serveBytes(q, r, CONTENT),
  );
  await assert.rejects(downloadFile(context, url, path, { ...QUICK, attempts: 1 }), NetworkError);
  broken = false;
  await downloadFile(context, url, path, QUICK);
  await assertDelivered(path);
  assert.equal(requests.at(-1)?.headers.range, `bytes=${CONTENT.length / 2}-`);
});

test('a changed ETag starts over', async (t) => {
  const { context, path } = await prepare(t);
  const { url } = await startServer(t, (q, r, n) =>
    n === 1 ? sendHalf(r, path, '"old"') : serveBytes(q, r, CONTENT, '"new"'),
  );
  await downloadFile(context, url, path, QUICK);
  await assertDelivered(path);
});

test('a part without its state, or of another URL, is not trusted', async (t) => {
  const { context, path } = await prepare(t);
  const { url, requests } = await startServer(t, (q, r) => serveBytes(q, r, CONTENT));
  await downloadFile(context, url, path, QUICK);
  await writeFile(`${path}.part`, 'something else');
  await downloadFile(context, url, path, QUICK);
  await writeFile(`${path}.part`, 'something else');
  await writeFile(`${path}.part.json`, JSON.stringify({ url: `${url}/other`, validator: '"v1"' }));
  await downloadFile(context, url, path, QUICK);
  await assertDelivered(path);
  assert.deepEqual(
    requests.map((request) => request.headers.range),
    [undefined, undefined, undefined],
  );
});

test('a server without ranges answers 200: the file is taken from the start', async (t) => {
  const { context, path } = await prepare(t);
  const { url } = await startServer(t, (_q, r, n) => (n === 1 ? sendHalf(r, path) : r.end(CONTENT)));
  await downloadFile(context, url, path, QUICK);
  await assertDelivered(path);
});

test('416 at the full size means that nothing is missing', async (t) => {
  const { context, path } = await prepare(t);
  const { url, requests } = await startServer(t, (q, r) => serveBytes(q, r, CONTENT));
  await downloadFile(context, url, path, QUICK);
  await writeFile(`${path}.part`, CONTENT);
  await writeFile(`${path}.part.json`, JSON.stringify({ url, validator: '"v1"' }));
  await downloadFile(context, url, path, QUICK);
  await assertDelivered(path);
  assert.equal(requests.length, 2);
});

test('416 at another size starts over, and a server that says nothing else is given up', async (t) => {
  const { context, path } = await prepare(t);
  const { url } = await startServer(t, (q, r) => serveBytes(q, r, CONTENT));
  await downloadFile(context, url, path, QUICK);
  await writeFile(`${path}.part`, Buffer.concat([CONTENT, CONTENT]));
  await writeFile(`${path}.part.json`, JSON.stringify({ url, validator: '"v1"' }));
  await downloadFile(context, url, path, QUICK);
  await assertDelivered(path);
  const stubborn = await startServer(t, (_q, r) => r.writeHead(416).end());
  await assert.rejects(downloadFile(context, stubborn.url, path, QUICK), NetworkError);
});

test('206 for another range than requested is not appended', async (t) => {
  const { context, path } = await prepare(t);
  const { url } = await startServer(t, (q, r, n) => {
    if (n === 1) sendHalf(r, path);
    else if (n === 2) r.writeHead(206, { 'content-range': 'bytes 5-9/10', etag: '"v1"' }).end('abcde');
    else serveBytes(q, r, CONTENT);
  });
  await downloadFile(context, url, path, QUICK);
  await assertDelivered(path);
});

test('errors of the server are retried, then reported with the URL', async (t) => {
  const { context, path } = await prepare(t);
  const { url, requests } = await startServer(t, (q, r, n) =>
    n < 3 ? r.writeHead(503).end() : serveBytes(q, r, CONTENT),
  );
  await downloadFile(context, url, path, QUICK);
  assert.equal(requests.length, 3);
  const dead = await startServer(t, (_q, r) => r.writeHead(500).end());
  await assert.rejects(downloadFile(context, dead.url, path, QUICK), (error: Error) => {
    assert.ok(error instanceof NetworkError);
    assert.ok(error.message.includes(dead.url) && error.message.includes('500'));
    return true;
  });
  assert.equal(dead.requests.length, 3);
});

test('404 is final', async (t) => {
  const { context, path } = await prepare(t);
  const { url, requests } = await startServer(t, (_q, r) => r.writeHead(404).end());
  await assert.rejects(downloadFile(context, url, path, QUICK), /answered 404/);
  assert.equal(requests.length, 1);
});

test('redirects are followed', async (t) => {
  const { context, path } = await prepare(t);
  const { url } = await startServer(t, (q, r) =>
    q.url === '/a' ? r.writeHead(302, { location: '/b' }).end() : serveBytes(q, r, CONTENT),
  );
  await downloadFile(context, `${url}/a`, path, QUICK);
  await assertDelivered(path);
});

test('a server that falls silent is left, and resumed', async (t) => {
  const { context, path } = await prepare(t);
  // Silent until its beginning has been kept: on a busy machine a time-out may come before anything is read.
  const { url, requests } = await startServer(t, (q, r) => {
    if (q.headers.range !== undefined) return serveBytes(q, r, CONTENT);
    r.writeHead(200, { 'content-length': CONTENT.length, etag: '"v1"' });
    r.write(CONTENT.subarray(0, 1000));
  });
  await downloadFile(context, url, path, { attempts: 1000, retryDelayMs: 0, idleTimeoutMs: 200 });
  await assertDelivered(path);
  const resumed = requests.map(({ headers }) => headers.range).filter((range) => range !== undefined);
  assert.equal(resumed[0], 'bytes=1000-');
});

test('nobody listening is a NetworkError', async (t) => {
  const { context, path } = await prepare(t);
  await assert.rejects(downloadFile(context, 'http://127.0.0.1:9/x.zip', path, QUICK), (error: Error) => {
    assert.ok(error instanceof NetworkError);
    assert.match(error.message, /127\.0\.0\.1:9\/x\.zip: .*ECONNREFUSED/);
    return true;
  });
});

test('an abort ends the download and keeps the part', async (t) => {
  const { context, path } = await prepare(t);
  const abort = new AbortController();
  const { url } = await startServer(t, (_q, r) => {
    r.writeHead(200, { 'content-length': CONTENT.length, etag: '"v1"' });
    r.write(CONTENT.subarray(0, 1000));
  });
  const partBytes = async () => (await stat(`${path}.part`).catch(() => undefined))?.size;
  void waitFor('what came to be on the disk', async () => (await partBytes()) === 1000).then(() =>
    abort.abort(),
  );
  await assert.rejects(
    downloadFile({ ...context, signal: abort.signal }, url, path, QUICK),
    InterruptedError,
  );
  assert.equal((await readFile(`${path}.part`)).length, 1000);
});

test('progress of a resumed download starts where the part ended', async (t) => {
  const { context, path } = await prepare(t);
  const seen: { total: number | undefined; done: number[] }[] = [];
  const report = {
    ...context.report,
    progress: (_title: string, total: number | undefined) => {
      const entry = { total, done: [] as number[] };
      seen.push(entry);
      return { update: (done: number) => entry.done.push(done), done: () => undefined };
    },
  };
  const { url } = await startServer(t, (q, r, n) =>
    n === 1 ? sendHalf(r, path) : serveBytes(q, r, CONTENT),
  );
  await downloadFile({ ...context, report }, url, path, QUICK);
  assert.equal(seen[1]?.total, CONTENT.length);
  assert.equal(seen[1]?.done[0], CONTENT.length / 2);
  assert.equal(seen[1]?.done.at(-1), CONTENT.length);
});
