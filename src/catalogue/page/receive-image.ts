import { formatBytes } from '../../formats/units.ts';
import { type Sha256, type StepOptions, startSha256 } from './hash-blob.ts';
import { PageError } from './page-error.ts';

/** A file of the release, as the page lists it. */
export interface ListedFile {
  readonly name: string;
  readonly sizeBytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

/** A browser moves a blob of this size out of the page's memory: Firefox into a file from 1 MB, Chromium when it needs room. */
const PART_BYTES = 8 * 1024 * 1024;

/**
 * Receives a file from a server into blobs. What has come stays when the connection breaks: the next `receive` asks for
 * the rest, and begins anew if the server does not know ranges.
 */
export class Reception {
  readonly #file: ListedFile;
  readonly #address: string;
  #parts: Blob[] = [];
  #waiting: Uint8Array<ArrayBuffer>[] = [];
  #waitingBytes = 0;
  #doneBytes = 0;
  #hash: Sha256 = startSha256();
  /** All of it, once it has come and is checked. */
  #whole: Blob | undefined;

  constructor(file: ListedFile, address: string) {
    this.#file = file;
    this.#address = address;
  }

  /**
   * @returns the file, whose size and SHA-256 are the listed ones
   * @throws PageError, and what `signal` was aborted with
   */
  async receive({ signal, onProgress }: StepOptions): Promise<Blob> {
    if (this.#whole !== undefined) return this.#whole;
    const { name, sizeBytes, sha256 } = this.#file;
    const body = await this.#open(signal);
    onProgress(this.#doneBytes);
    for (const reader = body.getReader(); ; ) {
      const { done, value } = await reader.read().catch(() => {
        signal.throwIfAborted();
        throw this.#broken();
      });
      if (done) break;
      await this.#add(value);
      onProgress(this.#doneBytes);
      if (this.#doneBytes > sizeBytes) await reader.cancel();
      if (this.#doneBytes > sizeBytes) throw this.#other('is longer than the page says');
    }
    if (this.#doneBytes < sizeBytes) throw this.#broken();
    await this.#flush();
    if (this.#hash.finish() !== sha256) throw this.#other('has another SHA-256 than the page says');
    this.#whole = new File(this.#parts, name, { type: 'application/octet-stream' });
    return this.#whole;
  }

  /** Begins anew at the next `receive`. */
  forget(): void {
    this.#whole = undefined;
    this.#parts = [];
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#doneBytes = 0;
    this.#hash = startSha256();
  }

  /** Asks for what is missing. */
  async #open(signal: AbortSignal): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const from = this.#doneBytes;
    const headers = from > 0 ? { range: `bytes=${from}-` } : undefined;
    const response = await fetch(this.#address, { signal, ...(headers && { headers }) }).catch(() => {
      signal.throwIfAborted();
      const why = 'the connection failed, or the server does not let this page read it';
      throw new PageError(`The browser could not fetch ${this.#file.name}: ${why}.`);
    });
    if (!response.ok || response.body === null) {
      throw new PageError(`The server answered ${response.status} for ${this.#file.name}.`);
    }
    const continues =
      response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${from}-`) === true;
    if (!continues) this.forget();
    return response.body;
  }

  async #add(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#hash.update(bytes);
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#doneBytes += bytes.length;
    if (this.#waitingBytes >= PART_BYTES) await this.#flush();
  }

  /** The blob of a response may lie in a file; one that is made in the page stays in memory (Firefox). */
  async #flush(): Promise<void> {
    const part = await new Response(new Blob(this.#waiting)).blob().catch(() => {
      throw tooLittleRoom(this.#file);
    });
    this.#parts.push(part);
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #broken(): PageError {
    const { name, sizeBytes } = this.#file;
    return new PageError(
      `The download of ${name} stopped after ${formatBytes(this.#doneBytes)} of ${formatBytes(sizeBytes)}.`,
    );
  }

  #other(how: string): PageError {
    this.forget();
    return new PageError(
      `What the server sent as ${this.#file.name} ${how}: the page or the file is out of date.`,
    );
  }
}

/** The browser can keep no more of a file from a server. */
export function tooLittleRoom(file: ListedFile): PageError {
  return new PageError(
    `The browser has too little room for ${nameFile(file)}. Download it, and choose the file.`,
  );
}

/** "gb-ee.img.xz (413 MB)" */
export function nameFile({ name, sizeBytes }: ListedFile): string {
  return `${name} (${formatBytes(sizeBytes)})`;
}
