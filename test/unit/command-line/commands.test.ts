import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createCommandLine } from '../../../src/command-line/command-line.ts';
import { COMMAND_GROUPS, listCommands } from '../../../src/command-line/command-list.ts';
import { packageRoot } from '../../../src/core/package.ts';
import { type Command, formatUsage } from '../../../src/options/command.ts';
import { listCommonOptions, listOptions, OPTIONS } from '../../../src/options/options.ts';
import { extractCommands, findFault } from '../../helpers/command-lines.ts';

const commands = listCommands();

const helpOf = (words: readonly string[]): Promise<string> =>
  createCommandLine([...words, '--help'], 100).getHelp();

test('wwanpi --help shows every command once, under its heading, with what it does', async () => {
  const help = await helpOf([]);
  for (const { title } of COMMAND_GROUPS) assert.match(help, new RegExp(`^${title}:$`, 'm'));
  for (const { usage, describe } of commands.map((each) => ({ ...each, usage: formatUsage(each) }))) {
    assert.equal(help.split(`\n  ${usage} `).length, 2, usage);
    assert.ok(help.replaceAll(/\s+/g, ' ').includes(`${usage} ${describe}`), usage);
  }
});

test('no command has a name or an alias of another', () => {
  const names = commands.map(({ name }) => name);
  assert.deepEqual(names, [...new Set(names)]);
  const named = OPTIONS.flatMap((option) => (option.commands === 'all' ? [] : option.commands));
  for (const name of named) assert.ok(names.includes(name), name);
});

/** Held by every command, those to come too. */
const demands: ReadonlyArray<readonly [string, (command: Command) => void | Promise<void>]> = [
  [
    'says what it does in a sentence without a stop',
    ({ describe }) => assert.match(describe, /^[A-Z][^\n]{15,}[^.\s]$/),
  ],
  [
    'describes every argument, and required ones come first',
    ({ args }) => {
      for (const { name, help } of args) assert.match(help, /^\S[^\n]{5,}[^.\s]$/, name);
      const order = args.map(({ required }) => (required === true ? 0 : 1));
      assert.deepEqual(order, order.toSorted());
    },
  ],
  [
    'shows its options, arguments and examples in --help, and the common options after its own',
    async (command) => {
      const { name, args, examples, describe } = command;
      const usage = formatUsage(command);
      const options = listOptions(name).filter(({ hidden }) => hidden !== true);
      const help = await helpOf([name]);
      const flat = help.replaceAll(/\s+/g, ' ');
      assert.ok(help.startsWith(`wwanpi ${usage}\n`), help);
      assert.ok(flat.includes(describe));
      for (const option of options) assert.match(help, new RegExp(`^ +(-\\w, )?--${option.name} `, 'm'));
      for (const { name: argument } of args) assert.match(help, new RegExp(`^  ${argument} `, 'm'));
      // A long one is broken, and what it does stands beside it.
      const shown = help.slice(help.indexOf('\nExamples:\n'));
      for (const { line } of examples)
        for (const word of line.split(' ')) assert.ok(shown.includes(word), line);
      const common = help.indexOf('\nCommon options:\n');
      for (const { name: global } of listCommonOptions())
        assert.ok(help.indexOf(`--${global} `) > common, global);
      for (const option of options) assert.ok(help.indexOf(`--${option.name} `) < common, option.name);
    },
  ],
  [
    'has an example at least, and each of them is a command line of it',
    async ({ name, examples }) => {
      assert.notEqual(examples.length, 0);
      for (const { line } of examples) {
        const found = extractCommands(line);
        assert.ok(
          found.some(([first]) => first === name),
          line,
        );
        for (const words of found) assert.equal(await findFault(words), undefined, line);
      }
    },
  ],
];

for (const command of commands) {
  describe(`wwanpi ${command.name}`, () => {
    for (const [what, demand] of demands) test(what, () => demand(command));
  });
}

test('what is wrong with a command line is said, with the nearest that exists', async () => {
  const cases: [string, RegExp][] = [
    ['build --apm x', /^--apm is not an option of wwanpi build; did you mean --apn\?$/],
    ['fleet f.yaml --shrad 1/2', /^--shrad is not an option of wwanpi fleet; did you mean --shard\?$/],
    ['doctor --wormhole', /^--wormhole is not an option of wwanpi doctor$/],
    ['--verison', /^--verison is not an option of wwanpi; did you mean --version\?$/],
    ['flete x', /^unknown command flete; did you mean fleet\?$/],
    ['', /^name a command$/],
    ['fleet', /^the argument <file> is missing; usage: wwanpi fleet <file>$/],
    ['schema x', /^unexpected argument "x"$/],
    ['completion bsh', /^<shell> must be one of bash, zsh, fish, not "bsh"$/],
    ['build --log xml', /^--log "xml" must be one of text, json$/],
    ['build --apn x --apn y', /^--apn is given more than once; it takes one value$/],
    ['fetch --fleet x --base y', /^--fleet cannot be combined with --base$/],
    ['publish --shrad --json', /^3 errors in the command line:(\n {2}- [^\n]+){3}$/],
  ];
  for (const [line, message] of cases) {
    assert.match((await lineError(line)) ?? 'nothing', message, line);
  }
});

/** What wwanpi itself says of a line; only `build` names unknown options later. */
async function lineError(line: string): Promise<string | undefined> {
  const words = line.split(' ').filter((word) => word !== '');
  if (line.startsWith('build --apm')) return findFault(words);
  try {
    await createCommandLine(words, 80, async () => undefined).parseAsync();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

test('commands are found in shell text, wherever they stand in it', () => {
  const text = `
    cd wwanpi && npm ci
    sudo wwanpi fetch --base "a b" >out
    shards=$(wwanpi fleet 'my fleet.yaml' --matrix github | head)  # wwanpi is fine
    WWANPI_PIN=1 wwanpi build --apn x#y \\
      --dns 1.1.1.1; echo wwanpi-like`;
  assert.deepEqual(extractCommands(text), [
    ['fetch', '--base', 'a b'],
    ['fleet', 'my fleet.yaml', '--matrix', 'github'],
    ['build', '--apn', 'x#y', '--dns', '1.1.1.1'],
  ]);
});

for (const command of commands) {
  test(`wwanpi ${command.name} --help is as it was: test/golden/help/${command.name}.txt`, async () => {
    await compareGolden(command.name, [command.name]);
  });
}

test('wwanpi --help is as it was: test/golden/help/wwanpi.txt', () => compareGolden('wwanpi', []));

/** UPDATE_GOLDEN=1 rewrites the file. */
async function compareGolden(name: string, words: readonly string[]): Promise<void> {
  const help = `${await createCommandLine([...words, '--help'], 80).getHelp()}\n`;
  for (const line of help.split('\n')) assert.ok(line.length <= 80, line);
  const path = join(packageRoot, 'test/golden/help', `${name}.txt`);
  if (process.env.UPDATE_GOLDEN === '1') await writeFile(path, help);
  assert.equal(help, await readFile(path, 'utf8'));
}
