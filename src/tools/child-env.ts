import { readVariable } from '../core/environment.ts';

/**
 * The environment of children. From the caller's it keeps only the paths of programs and of the home folder,
 * the proxies and the temporary folder. C locale and UTC make output parsable and reproducible.
 */
export function baseEnv(): Record<string, string> {
  const env: Record<string, string> = {
    PATH: withSystemFolders(readVariable('PATH') ?? ''),
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
  };
  for (const name of [
    'HOME',
    'TMPDIR',
    'http_proxy',
    'https_proxy',
    'no_proxy',
    'HTTP_PROXY',
    'HTTPS_PROXY',
  ]) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}

/** debugfs, mkfs.fat and sfdisk live in sbin, which an ordinary user's PATH on Debian lacks. */
function withSystemFolders(path: string): string {
  const folders = path.split(':').filter((folder) => folder !== '');
  for (const folder of ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin']) {
    if (!folders.includes(folder)) folders.push(folder);
  }
  return folders.join(':');
}
