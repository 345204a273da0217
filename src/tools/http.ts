import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type Dispatcher, EnvHttpProxyAgent, interceptors, request } from 'undici';
import type { Context } from '../core/context.ts';
import { AppError, InputError, InterruptedError, isDiskFull, NetworkError } from '../core/errors.ts';
import { type Pace, type PaceOptions, startPace } from './download-pace.ts';

/** Tuning of one download; the defaults suit a home connection. */
export interface DownloadTuning extends PaceOptions {
  /** Tries without more bytes than ever before, before giving up. */
  readonly attempts?: number;
  /** Tries in total. */
  readonly maxTries?: number;
  /** Wait before the second try; doubles with each. */
  readonly retryDelayMs?: number;
  /** Longest silence of the server. */
  readonly idleTimeoutMs?: number;
}

/** Limits of one download. */
export interface DownloadOptions extends DownloadTuning {
  /** Largest size accepted. */
  readonly maxBytes: number;
}

/**
 * Downloads `url` to `path`, through the proxies of the environment. An interrupted download (`path.part`, with its
 * ETag in `path.part.json`) is resumed with Range and If-Range, by a later run too. The caller checks the content.
 * A part that is too long, or for which the disk has no room, is removed.
 * @throws NetworkError when the server cannot be reached, refuses, keeps failing, is too slow or sends too much;
 *   InputError when the file cannot be written
 */
export async function downloadFile(
  context: Context,
  url: string,
  path: string,
  options: DownloadOptions,
): Promise<void> {
  const { attempts = 5, maxTries = 100, retryDelayMs = 1000, idleTimeoutMs = 30_000, maxBytes } = options;
  await mkdir(dirname(path), { recursive: true });
  const agent = new EnvHttpProxyAgent({ headersTimeout: idleTimeoutMs, bodyTimeout: idleTimeoutMs });
  const dispatcher = agent.compose(interceptors.redirect({ maxRedirections: 10 }));
  const pace = startPace(url, options);
  try {
    let failures = 0;
    for (let tries = 1; ; tries += 1) {
      const before = pace.mostBytes();
      try {
        await transfer(context, dispatcher, { url, path, maxBytes, pace });
        break;
      } catch (error) {
        if (context.signal.aborted) throw new InterruptedError('interrupted');
        if (error instanceof AppError) throw error;
        if (isDiskFull(error)) await discardPart(path);
        if (isLocalError(error)) throw cannotWrite(path, error);
        failures = pace.mostBytes() > before ? 1 : failures + 1;
        if (failures >= attempts || tries >= maxTries) throw unreachable(url, error);
        pace.check();
        await delay(retryDelayMs * 2 ** (failures - 1), undefined, { signal: context.signal }).catch(() => {
          throw new InterruptedError('interrupted');
        });
      }
    }
    await rename(`${path}.part`, path);
    await rm(`${path}.part.json`, { force: true });
  } finally {
    await agent.destroy();
  }
}

/** The server's validator when the download began; without it a part cannot be resumed. */
interface PartState {
  readonly url: string;
  /** A strong ETag, or else Last-Modified, for If-Range (RFC 9110 §13.1.5). */
  readonly validator: string;
}

/** A reply after which another try may succeed. */
class TransferError extends Error {}

interface Transfer {
  readonly url: string;
  readonly path: string;
  readonly maxBytes: number;
  readonly pace: Pace;
}

/** One request. When it returns, the part is the whole file. */
async function transfer(context: Context, dispatcher: Dispatcher, wanted: Transfer): Promise<void> {
  const { url, path, maxBytes } = wanted;
  const state = await readPartState(path);
  const have = state?.url === url ? await partSize(path) : 0;
  const resume: Record<string, string> =
    have > 0 && state !== undefined ? { range: `bytes=${have}-`, 'if-range': state.validator } : {};
  const { statusCode, headers, body } = await request(url, {
    dispatcher,
    signal: context.signal,
    headers: { 'accept-encoding': 'identity', 'user-agent': 'wwanpi', ...resume },
  });
  const range = parseContentRange(header(headers, 'content-range'));
  if (statusCode === 416) {
    drop(body);
    if (have > 0 && have <= maxBytes && range?.totalBytes === have) return;
    await discardPart(path);
    throw new TransferError('the server does not have the requested range');
  }
  if (statusCode === 206) {
    if (range?.firstByte !== have || have === 0) {
      drop(body);
      await discardPart(path);
      throw new TransferError('the server sent another range than the requested one');
    }
    await receive(context, wanted, body, have, range.totalBytes);
    return;
  }
  if (statusCode === 200) {
    const validator = strongValidator(headers);
    await discardPart(path);
    if (validator !== undefined) await writeFile(`${path}.part.json`, JSON.stringify({ url, validator }));
    const length = header(headers, 'content-length');
    await receive(context, wanted, body, 0, length === undefined ? undefined : Number(length));
    return;
  }
  drop(body);
  if (statusCode === 408 || statusCode === 429 || statusCode >= 500) {
    throw new TransferError(`the server answered ${statusCode}`);
  }
  throw new NetworkError(`could not download ${url}: the server answered ${statusCode}`);
}

async function receive(
  context: Context,
  { url, path, maxBytes, pace }: Transfer,
  body: Dispatcher.ResponseData['body'],
  startBytes: number,
  totalBytes: number | undefined,
): Promise<void> {
  if ((totalBytes ?? 0) > maxBytes) {
    drop(body);
    await discardPart(path);
    throw tooLong(url, maxBytes);
  }
  let doneBytes = startBytes;
  const bar = context.report.progress(url.replace(/.*\//, ''), totalBytes);
  const count = new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      doneBytes += chunk.length;
      bar.update(doneBytes);
      try {
        if (doneBytes > maxBytes) throw tooLong(url, maxBytes);
        pace.note(chunk.length, doneBytes);
        callback(null, chunk);
      } catch (error) {
        callback(error as Error);
      }
    },
  });
  try {
    bar.update(doneBytes);
    await pipeline(body, count, createWriteStream(`${path}.part`, { flags: startBytes > 0 ? 'a' : 'w' }), {
      signal: context.signal,
    });
  } catch (error) {
    if (doneBytes > maxBytes) await discardPart(path);
    throw error;
  } finally {
    bar.done();
  }
  if (totalBytes === undefined || doneBytes === totalBytes) return;
  if (doneBytes > totalBytes) await discardPart(path);
  throw new TransferError(`the server sent ${doneBytes} bytes and had announced ${totalBytes}`);
}

/** Discards a reply; nobody handles its AbortError. */
function drop(body: Dispatcher.ResponseData['body']): void {
  body.on('error', () => undefined);
  body.destroy();
}

function parseContentRange(
  text: string | undefined,
): { firstByte: number | undefined; totalBytes: number | undefined } | undefined {
  const match = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(text ?? '');
  if (match === null) return undefined;
  const [, first, total] = match;
  return {
    firstByte: first === undefined ? undefined : Number(first),
    totalBytes: total === undefined || total === '*' ? undefined : Number(total),
  };
}

function strongValidator(headers: Dispatcher.ResponseData['headers']): string | undefined {
  const etag = header(headers, 'etag');
  return etag !== undefined && !etag.startsWith('W/') ? etag : header(headers, 'last-modified');
}

function header(headers: Dispatcher.ResponseData['headers'], name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

async function partSize(path: string): Promise<number> {
  return stat(`${path}.part`).then(
    (stats) => stats.size,
    () => 0,
  );
}

async function readPartState(path: string): Promise<PartState | undefined> {
  try {
    const state = JSON.parse(await readFile(`${path}.part.json`, 'utf8')) as Partial<PartState>;
    if (typeof state.url !== 'string' || typeof state.validator !== 'string') return undefined;
    return { url: state.url, validator: state.validator };
  } catch {
    return undefined;
  }
}

async function discardPart(path: string): Promise<void> {
  await rm(`${path}.part`, { force: true });
  await rm(`${path}.part.json`, { force: true });
}

/** Another request to the server does not help against a full or read-only disk. */
function isLocalError(error: unknown): boolean {
  const { code = '', syscall } = error as NodeJS.ErrnoException;
  return syscall !== 'connect' && /^(ENOSPC|EDQUOT|EACCES|EPERM|EROFS|EIO|EFBIG)$/.test(code);
}

function tooLong(url: string, maxBytes: number): NetworkError {
  return new NetworkError(`could not download ${url}: the server sends more than ${maxBytes} bytes`, {
    hint: 'this is not the expected file: try another network or mirror',
  });
}

function cannotWrite(path: string, error: unknown): InputError {
  return new InputError(`cannot write ${path}: ${(error as Error).message}`, {
    hint: 'make room, or set XDG_CACHE_HOME to a folder on a disk with room',
    cause: error,
  });
}

function unreachable(url: string, error: unknown): NetworkError {
  const { message, code } = error as NodeJS.ErrnoException;
  return new NetworkError(`could not download ${url}: ${message || code || String(error)}`, { cause: error });
}
