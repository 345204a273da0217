import { spawn } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import xterm, { type Terminal } from '@xterm/headless';
import { packageRoot } from '../../src/core/package.ts';

/** A folder in which commands are run for pictures, as a user would have it. */
export interface Stage {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

const COLUMNS = 80;

/** Makes a stage in an empty folder: a `wwanpi` on the PATH, a home with an SSH key, and this user's cache. */
export async function setStage(folder: string, cacheHome: string): Promise<Stage> {
  const home = join(folder, 'home');
  const bin = join(folder, 'bin');
  await mkdir(join(home, '.ssh'), { recursive: true });
  await mkdir(bin);
  const program = join(bin, 'wwanpi');
  await writeFile(
    program,
    `#!/bin/sh\nexec '${process.execPath}' '${join(packageRoot, 'dist/src/cli.js')}' "$@"\n`,
  );
  await chmod(program, 0o755);
  const blob = Buffer.concat([Buffer.from('0000000b', 'hex'), Buffer.from('ssh-ed25519')]);
  const key = Buffer.concat([blob, Buffer.from('00000020', 'hex'), Buffer.alloc(32, 7)]);
  await writeFile(join(home, '.ssh/me.pub'), `ssh-ed25519 ${key.toString('base64')} you\n`);
  const env = {
    ...(process.env as Record<string, string>),
    HOME: home,
    XDG_CACHE_HOME: cacheHome,
    PATH: `${bin}:${process.env.PATH}`,
    TERM: 'xterm-256color',
  };
  return { folder, env };
}

/**
 * Runs a command line in a pseudo terminal of 80 columns and gives back what it shows.
 * @param isDone given the screen's text after each piece of output; where it says so, the picture is taken at once
 *   and the command goes on to its end unseen
 * @throws Error when the command fails
 */
export async function record(
  stage: Stage,
  commandLine: string,
  isDone: (screen: string) => boolean = () => false,
): Promise<Terminal> {
  const terminal = new xterm.Terminal({
    cols: COLUMNS,
    rows: 60,
    scrollback: 1000,
    allowProposedApi: true,
    convertEol: false,
  });
  terminal.write(`\u001b[1m$ ${commandLine}\u001b[0m\r\n`);
  const line = `stty cols ${COLUMNS} rows 60; ${commandLine}`;
  const child = spawn('script', ['--quiet', '--return', '--flush', '--command', line, '/dev/null'], {
    cwd: stage.folder,
    env: stage.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let isTaken = false;
  let written = Promise.resolve();
  child.stdout.on('data', (bytes: Buffer) => {
    if (isTaken) return;
    written = written.then(async () => {
      if (isTaken) return;
      await new Promise<void>((resolve) => terminal.write(bytes, resolve));
      isTaken = isDone(readScreen(terminal));
    });
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  await written;
  if (exitCode !== 0) throw new Error(`exit code ${exitCode}:\n${readScreen(terminal)}`);
  return terminal;
}

function readScreen({ buffer: { active } }: Terminal): string {
  return Array.from(
    { length: active.length },
    (_, row) => active.getLine(row)?.translateToString(true) ?? '',
  ).join('\n');
}
