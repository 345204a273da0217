import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import lzma from 'lzma-native';
import { extract } from 'tar-stream';
import { VerificationError } from '../../core/errors.ts';
import type { PackageFile } from '../../core/model.ts';
import { parseAr } from './ar.ts';

/** The content of a .deb (deb(5)). */
export interface DebContents {
  /** Members of the control archive by name, without `./`: `control`, `md5sums`, … */
  readonly controlFiles: ReadonlyMap<string, Uint8Array>;
  /** Members of the data archive in order; hard links become copies, devices are left out. */
  readonly files: readonly PackageFile[];
}

/**
 * Reads a .deb whose archives are uncompressed, .gz or .xz, like Debian's.
 * @throws VerificationError when it is damaged or compressed in another way
 */
export async function parseDeb(bytes: Uint8Array): Promise<DebContents> {
  const members = parseAr(bytes);
  if (members[0]?.name !== 'debian-binary')
    throw new VerificationError('not a .deb: no debian-binary member');
  const control = await readTar(await uncompress(members, 'control.tar'));
  const controlFiles = new Map<string, Uint8Array>();
  for (const file of control) {
    if (file.kind === 'file') controlFiles.set(file.path.slice(1), file.content);
  }
  return { controlFiles, files: await readTar(await uncompress(members, 'data.tar')) };
}

/** md5sums text for these files: lower-case hex, two spaces, path without the leading slash (deb-md5sums(5)). */
export function formatMd5sums(files: readonly PackageFile[]): string {
  return files
    .flatMap((file) =>
      file.kind === 'file'
        ? `${createHash('md5').update(file.content).digest('hex')}  ${file.path.slice(1)}\n`
        : [],
    )
    .join('');
}

async function uncompress(members: ReturnType<typeof parseAr>, stem: string): Promise<Uint8Array> {
  const member = members.find(({ name }) => name === stem || name.startsWith(`${stem}.`));
  try {
    switch (member?.name.slice(stem.length)) {
      case '':
        return member.content;
      case '.gz':
        return gunzipSync(member.content);
      case '.xz':
        return await decompressXz(member.content);
    }
  } catch (error) {
    throw new VerificationError(`damaged .deb: ${stem} does not decompress`, { cause: error });
  }
  throw new VerificationError(
    member === undefined
      ? `not a .deb: no ${stem}`
      : `${member.name} is compressed in a way wwanpi does not read`,
  );
}

async function readTar(bytes: Uint8Array): Promise<PackageFile[]> {
  const files: PackageFile[] = [];
  const contents = new Map<string, Uint8Array>();
  const parser = extract();
  parser.end(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  try {
    for await (const entry of parser) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of entry) chunks.push(chunk as Uint8Array);
      const { name, type, mode, linkname } = entry.header;
      const path = `/${name.replace(/^\.?\/+/, '').replace(/\/+$/, '')}`;
      if (path === '/' || path === '/.') continue;
      if (path.split('/').includes('..')) throw new VerificationError(`damaged .deb: member ${name}`);
      const permissions = (mode ?? 0o644) & 0o7777;
      if (type === 'directory') files.push({ kind: 'directory', path, mode: permissions });
      else if (type === 'symlink') files.push({ kind: 'symlink', path, target: linkname ?? '' });
      else if (type === 'file' || type === 'contiguous-file' || type === 'link') {
        const target = `/${(linkname ?? '').replace(/^\.?\/+/, '')}`;
        const content = type === 'link' ? contents.get(target) : Buffer.concat(chunks);
        if (content === undefined) throw new VerificationError(`damaged .deb: ${path} links to nothing`);
        contents.set(path, content);
        files.push({ kind: 'file', path, mode: permissions, content });
      }
    }
  } catch (error) {
    if (error instanceof VerificationError) throw error;
    throw new VerificationError('damaged .deb: its tar archive cannot be read', { cause: error });
  }
  return files;
}

async function decompressXz(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = lzma.createDecompressor();
  stream.end(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}
