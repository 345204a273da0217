import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { Reception } from '../../../src/catalogue/page/receive-image.ts';
import { startServer } from '../../helpers/http-server.ts';

const CONTENT = randomBytes(20 * 1024 * 1024);
const FILE = {
  name: 'a.img.xz',
  sizeBytes: CONTENT.length,
  sha256: createHash('sha256').update(CONTENT).digest('hex'),
};

/** A server whose answer to the first, second, … request is that of `answers`; it tells the ranges asked for. */
async function serve(t: TestContext, answers: readonly ((response: ServerResponse, from: number) => void)[]) {
  const { url, requests } = await startServer(t, (request, response, count) => {
    const answer = answers[count - 1] ?? sendAll;
    answer(response, Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0));
  });
  return { address: `${url}/`, ranges: () => requests.map(({ headers }) => headers.range) };
}

const sendAll = (response: ServerResponse) =>
  void response.writeHead(200, { 'content-length': CONTENT.length }).end(CONTENT);
const sendRest = (response: ServerResponse, from: number) =>
  void response
    .writeHead(206, { 'content-range': `bytes ${from}-${CONTENT.length - 1}/${CONTENT.length}` })
    .end(CONTENT.subarray(from));
/** Sends so much, then cuts the connection. */
const cutAfter = (bytes: number) => (response: ServerResponse) => {
  response.writeHead(200, { 'content-length': CONTENT.length });
  response.write(CONTENT.subarray(0, bytes), () => response.destroy());
};

function follow() {
  const seen: number[] = [];
  return { seen, signal: new AbortController().signal, onProgress: (done: number) => void seen.push(done) };
}

test('a file that comes whole is the file, with progress to its end', async (t) => {
  const { address, ranges } = await serve(t, []);
  const options = follow();
  const reception = new Reception(FILE, address);
  const blob = await reception.receive(options);
  assert.ok(CONTENT.equals(Buffer.from(await blob.arrayBuffer())));
  assert.equal(options.seen.at(-1), CONTENT.length);
  assert.ok(options.seen.length > 5);
  // What failed after it, such as settings that do not fit, takes no second download.
  assert.equal(await reception.receive(follow()), blob);
  assert.deepEqual(ranges(), [undefined]);
});

test('after a cut the next try asks for the rest only', async (t) => {
  const { address, ranges } = await serve(t, [cutAfter(12_000_000), sendRest]);
  const reception = new Reception(FILE, address);
  const first = follow();
  await assert.rejects(
    reception.receive(first),
    /^Error: The download of a\.img\.xz stopped after [\d.]+ MB of 21 MB\.$/,
  );
  const got = first.seen.at(-1) ?? 0;
  assert.ok(got > 0 && got <= 12_000_000, String(got));
  const blob = await reception.receive(follow());
  assert.ok(CONTENT.equals(Buffer.from(await blob.arrayBuffer())));
  assert.deepEqual(ranges(), [undefined, `bytes=${got}-`]);
});

test('a server without ranges sends it all again', async (t) => {
  const { address } = await serve(t, [cutAfter(12_000_000), sendAll]);
  const reception = new Reception(FILE, address);
  await assert.rejects(reception.receive(follow()), /stopped after/);
  const blob = await reception.receive(follow());
  assert.ok(CONTENT.equals(Buffer.from(await blob.arrayBuffer())));
});

test('another file is refused: by its length as soon as it is too long, by its SHA-256 at the end', async (t) => {
  const changed = Buffer.from(CONTENT);
  changed[5] = ~(changed[5] ?? 0) & 0xff;
  let closed = () => {};
  const wasClosed = new Promise<void>((done) => {
    closed = done;
  });
  const { address, ranges } = await serve(t, [
    (response) => void response.end(changed),
    (response) => void response.end(CONTENT.subarray(0, 1000)),
    (response) => {
      response.on('close', closed);
      response.write(Buffer.concat([CONTENT, CONTENT]));
    },
  ]);
  const reception = new Reception(FILE, address);
  await assert.rejects(reception.receive(follow()), /has another SHA-256 than the page says/);
  await assert.rejects(reception.receive(follow()), /stopped after 1 kB of 21 MB/);
  await assert.rejects(reception.receive(follow()), /is longer than the page says/);
  await wasClosed;
  assert.deepEqual(ranges(), [undefined, undefined, 'bytes=1000-']);
});

test('no server, and a server without the file, are told apart', async (t) => {
  const { address } = await serve(t, [(response) => void response.writeHead(404).end('no')]);
  await assert.rejects(
    new Reception(FILE, address).receive(follow()),
    /The server answered 404 for a\.img\.xz/,
  );
  const nowhere = new Reception(FILE, 'http://127.0.0.1:1/');
  await assert.rejects(nowhere.receive(follow()), /could not fetch a\.img\.xz: the connection failed/);
});

test('cancelled, it closes the connection; begun again, it goes on', async (t) => {
  const half = CONTENT.length / 2;
  const { address, ranges } = await serve(t, [
    (response) => {
      response.writeHead(200, { 'content-length': CONTENT.length });
      response.write(CONTENT.subarray(0, half));
    },
    sendRest,
  ]);
  const reception = new Reception(FILE, address);
  const control = new AbortController();
  const receiving = reception.receive({
    signal: control.signal,
    onProgress: (done) => {
      if (done === half) control.abort(new Error('cancelled'));
    },
  });
  await assert.rejects(receiving, /cancelled/);
  const blob = await reception.receive(follow());
  assert.ok(CONTENT.equals(Buffer.from(await blob.arrayBuffer())));
  assert.deepEqual(ranges(), [undefined, `bytes=${half}-`]);
});

test('where a blob finds no room, that is what is said', async (t) => {
  const { address } = await serve(t, []);
  t.mock.method(Response.prototype, 'blob', () =>
    Promise.reject(new DOMException('full', 'QuotaExceededError')),
  );
  await assert.rejects(
    new Reception(FILE, address).receive(follow()),
    /The browser has too little room for a\.img\.xz \(21 MB\)/,
  );
});
