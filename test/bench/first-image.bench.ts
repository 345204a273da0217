import { homedir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/core/package.ts';
import { formatTable, type Lab, measure, seconds } from './lab.ts';

/** A part of the run: a command of make, or a step of wwanpi. */
interface Part {
  readonly name: string;
  readonly startSeconds: number;
  readonly seconds: number;
}

/** Commands that make prints as it begins them. */
const COMMANDS: Readonly<Record<string, string>> = {
  'npm ci': 'npm ci',
  'npm run --silent compile': 'the TypeScript compiled',
};
/** What is over sooner is not in the table. */
const WORTH_A_LINE_SECONDS = 0.5;

export const bench = {
  title: "A newcomer's first image",
  async run(lab: Lab): Promise<string> {
    if (process.getuid?.() !== 0) return 'Not measured: only root can build the base.';
    const folder = join(lab.folder, 'first-image');
    const checkout = join(folder, 'wwanpi');
    await measure(['git', 'clone', '--quiet', packageRoot, checkout]);
    const home = join(folder, 'home');
    const env = {
      HOME: home,
      XDG_CACHE_HOME: join(home, '.cache'),
      npm_config_cache: join(home, '.npm'),
      // The registry and the proxy are still those of this machine.
      npm_config_userconfig: process.env.npm_config_userconfig ?? join(homedir(), '.npmrc'),
      MAKEFLAGS: '',
    };
    lab.say('make image on an empty machine: minutes');
    const lines: [number, string][] = [];
    const cost = await measure(
      [
        ...['make', '-C', checkout, 'image', 'APN=internet', 'BASE=debian-bookworm'],
        ...[`OUTPUT=${join(folder, 'out')}`, 'ARGS=--log json --password bench1234'],
      ],
      env,
      (line, atSeconds) => lines.push([atSeconds, line]),
    );
    const rows = findParts(lines)
      .filter((part) => part.seconds >= WORTH_A_LINE_SECONDS)
      .map((part) => [part.name, seconds(part.startSeconds), seconds(part.seconds)]);
    return [
      formatTable(['part', 'begins at', 'takes'], rows),
      '',
      `In all ${seconds(cost.seconds)}.`,
      '',
      'A fresh clone with an empty home folder, without a cache of npm or wwanpi; the packages of the host are installed.',
      'It fetches about 200 MB. Parts that overlap run beside each other. What bounds it: the base, whose packages are',
      'installed one after the other with dpkg itself emulated, then npm.',
    ].join('\n');
  },
};

function findParts(lines: readonly (readonly [atSeconds: number, line: string])[]): Part[] {
  const parts: Part[] = [];
  const begun = new Map<string, number>();
  let command: { name: string; startSeconds: number } | undefined;
  const endCommand = (atSeconds: number) => {
    if (command !== undefined) parts.push({ ...command, seconds: atSeconds - command.startSeconds });
    command = undefined;
  };
  for (const [atSeconds, line] of lines) {
    const event = line.startsWith('{') ? JSON.parse(line) : undefined;
    const name = Object.entries(COMMANDS).find(([start]) => line.startsWith(start))?.[1];
    if (name !== undefined || event !== undefined) endCommand(atSeconds);
    if (name !== undefined) command = { name, startSeconds: atSeconds };
    if (event?.event === 'step-start') begun.set(event.step, atSeconds);
    const startSeconds = begun.get(event?.step);
    if (event?.event === 'step-end' && startSeconds !== undefined)
      parts.push({ name: event.step, startSeconds, seconds: atSeconds - startSeconds });
  }
  return parts.sort((a, b) => a.startSeconds - b.startSeconds);
}
