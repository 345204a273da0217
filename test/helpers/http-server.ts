import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** A server on the loopback interface that ends with the test; `requests` lists its requests, in order. */
export async function startServer(
  t: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
): Promise<{ url: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response, requests.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** Serves `content` as a static file server does: ETag, Range with If-Range, 206, 416. */
export function serveBytes(
  request: IncomingMessage,
  response: ServerResponse,
  content: Uint8Array,
  etag = '"v1"',
): void {
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  const condition = request.headers['if-range'];
  response.setHeader('etag', etag);
  if (range === undefined || (condition !== undefined && condition !== etag)) {
    response.setHeader('content-length', content.length);
    response.end(content);
    return;
  }
  const start = Number(range);
  if (start >= content.length) {
    response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
    return;
  }
  response.writeHead(206, {
    'content-range': `bytes ${start}-${content.length - 1}/${content.length}`,
    'content-length': content.length - start,
  });
  response.end(content.subarray(start));
}
