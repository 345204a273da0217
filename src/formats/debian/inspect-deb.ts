import { Readable, type Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import lzma from 'lzma-native';
import { extract } from 'tar-stream';
import { AppError, VerificationError } from '../../core/errors.ts';
import { parseAr } from './ar.ts';
import { getField, parseParagraph } from './deb822.ts';

/** What is known of a .deb without installing it. */
export interface DebFacts {
  /** The paragraph of its control file, ending in a newline. */
  readonly control: string;
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** The sum of its files. */
  readonly unpackedBytes: number;
}

const MAX_CONTROL_BYTES = 1024 * 1024;
const MAX_UNPACKED_BYTES = 4 * 2 ** 30;
/** deb-control(5), Package and Version; Debian Policy 5.6.1 and 5.6.12. */
const NAME = /^[a-z0-9][a-z0-9+.-]+$/;
const VERSION = /^(?:\d+:)?\d[A-Za-z0-9.+~-]*$/;

/**
 * Reads a .deb (deb(5)) whose archives are uncompressed, .gz or .xz, as every dpkg does, and keeps nothing but its control
 * file. It must be whole, name itself, and write nothing outside the root.
 * @throws VerificationError with a reason without its subject ("is no .deb: …")
 */
export async function inspectDeb(bytes: Uint8Array): Promise<DebFacts> {
  let control: string | undefined;
  let unpackedBytes = 0;
  try {
    const members = parseAr(bytes);
    if (members[0]?.name !== 'debian-binary') throw new VerificationError('it has no debian-binary');
    await readTar(members, 'control.tar', async (name, _, chunks) => {
      if (name !== 'control') return;
      control = await readText(chunks);
    });
    await readTar(members, 'data.tar', async (name, sizeBytes) => {
      unpackedBytes += sizeBytes;
      if (name.split('/').includes('..'))
        throw new VerificationError(`its file ${name} lies outside the root`);
      if (unpackedBytes > MAX_UNPACKED_BYTES) throw new VerificationError('it unpacks to more than 4 GiB');
    });
  } catch (error) {
    const why = error instanceof AppError ? error.message : 'it is damaged';
    throw new VerificationError(`is no .deb that can be used: ${why}`, { cause: error });
  }
  const fields = parseParagraph(control ?? '');
  const [name = '', version = '', architecture = ''] = ['Package', 'Version', 'Architecture'].map((field) =>
    getField(fields, field),
  );
  if (!NAME.test(name) || !VERSION.test(version)) {
    throw new VerificationError(
      'is no .deb that can be used: its control file has no sound name and version',
    );
  }
  return { control: `${(control ?? '').trim()}\n`, name, version, architecture, unpackedBytes };
}

type Visit = (name: string, sizeBytes: number, chunks: AsyncIterable<Uint8Array>) => Promise<void>;

async function readTar(members: ReturnType<typeof parseAr>, stem: string, visit: Visit): Promise<void> {
  const member = members.find(({ name }) => name === stem || name.startsWith(`${stem}.`));
  if (member === undefined) throw new VerificationError(`it has no ${stem}`);
  const ending = member.name.slice(stem.length);
  const parser = extract();
  const source = Readable.from([member.content]);
  const decompress = makeDecompressor(ending);
  if (decompress === undefined && ending !== '') {
    throw new VerificationError(
      `its ${member.name} is compressed in a way that the dpkg of older releases does not read`,
    );
  }
  source.on('error', (error) => parser.destroy(error));
  if (decompress === undefined) source.pipe(parser);
  else {
    decompress.on('error', (error) => parser.destroy(error));
    source.pipe(decompress).pipe(parser);
  }
  for await (const entry of parser) {
    const { name, size } = entry.header;
    await visit(name.replace(/^\.?\/+/, ''), size ?? 0, entry as AsyncIterable<Uint8Array>);
    entry.resume();
  }
}

function makeDecompressor(ending: string): Transform | undefined {
  if (ending === '.gz') return createGunzip();
  return ending === '.xz' ? lzma.createDecompressor() : undefined;
}

async function readText(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > MAX_CONTROL_BYTES) throw new VerificationError('its control file is too large');
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString('utf8');
}
