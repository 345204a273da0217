import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Context } from '../../src/core/context.ts';
import { hashFile, sha256Text } from '../../src/tools/files/hash.ts';
import { startServer } from './http-server.ts';
import type { SigningKeys } from './signing-keys.ts';

/** A package archive (Debian's repository format) of one suite on this machine. */
export interface Archive {
  readonly url: string;
  /** Paths that were asked for. */
  readonly asked: () => readonly string[];
}

/** The fields of a made-up package besides its name; architecture and version have a default. */
export type DebFields = Readonly<Record<string, string>>;

/** Makes a .deb with one file, in the temporary folder; answers its path. */
export async function makeDeb(
  { exec, tmpDir }: Pick<Context, 'exec' | 'tmpDir'>,
  name: string,
  fields: DebFields = {},
  compression = 'xz',
  files: Readonly<Record<string, Uint8Array>> = {},
): Promise<string> {
  const tree = join(tmpDir, 'deb-trees', `${name}-${Object.values(fields).join('-').replaceAll(/\W/g, '-')}`);
  await mkdir(join(tree, 'usr/share', name), { recursive: true });
  await writeFile(join(tree, 'usr/share', name, 'file'), name.repeat(1000));
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(tree, file)), { recursive: true });
    await writeFile(join(tree, file), content);
  }
  return packDeb({ exec }, tree, tmpDir, { Package: name, ...fields }, compression);
}

/** Packs a tree, with the maintainer scripts in its DEBIAN, as a .deb in `folder`; answers its path. */
export async function packDeb(
  { exec }: Pick<Context, 'exec'>,
  tree: string,
  folder: string,
  { Package, ...fields }: DebFields & { readonly Package: string },
  compression: string,
): Promise<string> {
  const all = { Package, Version: '1.0', Architecture: 'armhf', ...fields };
  const text = Object.entries(all).map(([field, value]) => `${field}: ${value}\n`);
  await mkdir(join(tree, 'DEBIAN'), { recursive: true });
  await writeFile(
    join(tree, 'DEBIAN/control'),
    `${text.join('')}Maintainer: nobody <n@example.org>\nDescription: test\n`,
  );
  const path = join(folder, `${all.Package}_${all.Version.replace(/^\d+:/, '')}_${all.Architecture}.deb`);
  await exec(['dpkg-deb', '--root-owner-group', `-Z${compression}`, '-b', tree, path]);
  return path;
}

/** A package's paragraph in an archive's Packages; `filename` is its path there. */
export async function describeDeb(
  { exec }: Pick<Context, 'exec'>,
  path: string,
  filename: string,
): Promise<string> {
  const { stdout } = await exec(['dpkg-deb', '--field', path]);
  const { size } = await stat(path);
  return `${stdout.trim()}\nFilename: ${filename}\nSize: ${size}\nSHA256: ${await hashFile(path)}\n`;
}

/** Serves packages as the suite "stretch", signed with a key of `keys`. */
export async function serveArchive(
  t: TestContext,
  context: Context,
  keys: Pick<SigningKeys, 'gnupgHome'>,
  fingerprint: string,
  debs: readonly string[],
  architecture = 'armhf',
): Promise<Archive> {
  const { exec, tmpDir } = context;
  const files = new Map<string, Uint8Array>();
  const stanzas: string[] = [];
  for (const path of debs) {
    const name = `pool/${basename(path)}`;
    files.set(`/${name}`, await readFile(path));
    stanzas.push(await describeDeb(context, path, name));
  }
  const index = stanzas.join('\n');
  const release = [
    ...[
      'Origin: test',
      'Suite: stretch',
      'Codename: stretch',
      `Architectures: ${architecture}`,
      'Components: main',
    ],
    ...[`Date: ${new Date().toUTCString().replace('GMT', '+0000')}`, 'SHA256:'],
    ` ${sha256Text(index)} ${Buffer.byteLength(index)} main/binary-${architecture}/Packages\n`,
  ].join('\n');
  const file = join(tmpDir, 'Release');
  await writeFile(file, release);
  await exec(
    [
      'gpg',
      '--batch',
      '--yes',
      '--local-user',
      fingerprint,
      '--output',
      `${file}.signed`,
      '--clear-sign',
      file,
    ],
    {
      env: { GNUPGHOME: keys.gnupgHome },
    },
  );
  files.set('/dists/stretch/InRelease', await readFile(`${file}.signed`));
  files.set(`/dists/stretch/main/binary-${architecture}/Packages`, Buffer.from(index));
  const { url, requests } = await startServer(t, (request, response) => {
    const content = files.get(decodeURIComponent(request.url ?? ''));
    if (content === undefined) response.writeHead(404).end();
    else response.end(content);
  });
  return { url, asked: () => requests.map((request) => request.url ?? '') };
}
