import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createCommandLine } from '../../../src/command-line/command-line.ts';
import { COMMAND_GROUPS, listCommands, listGlobalOptions } from '../../../src/command-line/command-list.ts';
import { type CommandDefinition, readCommand } from '../../../src/command-line/definitions.ts';
import { BugError } from '../../../src/core/errors.ts';
import { extractCommands, findFault } from '../../helpers/command-lines.ts';

const commands = listCommands();

const helpOf = (words: readonly string[]): Promise<string> => createCommandLine(words, 100).getHelp();

test('wwanpi --help shows every command once, under its heading, with what it does', async () => {
  const help = await helpOf([]);
  for (const { title } of COMMAND_GROUPS) assert.match(help, new RegExp(`^${title}:$`, 'm'));
  for (const { usage, describe } of commands) {
    assert.equal(help.split(`\n  ${usage} `).length, 2, usage);
    assert.ok(help.replaceAll(/\s+/g, ' ').includes(`${usage} ${describe}`), usage);
  }
});

test('no command has a name or an alias of another', () => {
  const names = commands.map(({ name }) => name);
  assert.deepEqual(names, [...new Set(names)]);
});

/** Held by every command, those to come too. */
const demands: ReadonlyArray<readonly [string, (command: CommandDefinition) => void | Promise<void>]> = [
  [
    'says what it does in a sentence without a stop',
    ({ describe }) => assert.match(describe, /^[A-Z][^\n]{15,}[^.\s]$/),
  ],
  [
    'describes every option and argument',
    ({ options, positionals }) => {
      for (const { name, describe } of [...options, ...positionals])
        assert.match(describe, /^\S[^\n]{5,}[^.\s]$/, name);
    },
  ],
  [
    'describes every argument its usage names',
    ({ usage, positionals }) => {
      const named = [...usage.matchAll(/[[<](\w+)(?:\.\.)?[\]>]/g)].map((match) => match[1]);
      assert.deepEqual(
        positionals.map(({ name }) => name),
        named,
      );
    },
  ],
  [
    'shows its options, arguments and examples in --help, and the common options after its own',
    async ({ name, options, positionals, examples, usage, describe }) => {
      const help = await helpOf([name, '--help']);
      const flat = help.replaceAll(/\s+/g, ' ');
      assert.ok(help.startsWith(`wwanpi ${usage}\n`), help);
      assert.ok(flat.includes(describe));
      for (const option of options) assert.match(help, new RegExp(`^ +(-\\w, )?--${option.name} `, 'm'));
      for (const { name: argument } of positionals) assert.match(help, new RegExp(`^  ${argument} `, 'm'));
      // A long one is broken, and what it does stands beside it.
      const shown = help.slice(help.indexOf('\nExamples:\n'));
      for (const { command } of examples)
        for (const word of command.split(' ')) assert.ok(shown.includes(word), command);
      const common = help.indexOf('\nCommon options:\n');
      for (const { name: global } of listGlobalOptions())
        assert.ok(help.indexOf(`--${global} `) > common, global);
      for (const option of options) assert.ok(help.indexOf(`--${option.name} `) < common, option.name);
    },
  ],
  [
    'has an example at least, and each of them is a command line of it',
    async ({ name, examples }) => {
      assert.notEqual(examples.length, 0);
      for (const { command } of examples) {
        const found = extractCommands(command);
        assert.ok(
          found.some(([first]) => first === name),
          command,
        );
        for (const words of found) assert.equal(await findFault(words), undefined, command);
      }
    },
  ],
];

for (const command of commands) {
  describe(`wwanpi ${command.name}`, () => {
    for (const [what, demand] of demands) test(what, () => demand(command));
  });
}

test('what a command line is checked by does refuse', async () => {
  assert.match((await findFault(['build', '--apm', 'x'])) ?? '', /Unknown argument: apm/);
  assert.match((await findFault(['fleet'])) ?? '', /Not enough non-option arguments/);
  assert.match((await findFault(['flete', 'x'])) ?? '', /Unknown command/);
  assert.match((await findFault(['build', '--log', 'xml'])) ?? '', /Invalid values/);
});

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

test('a builder that says what the definitions do not know is a bug, not an option left out', () => {
  const command = {
    command: 'x',
    describe: 'X',
    builder: (line: never) => (line as { nargs(name: string): never }).nargs('y'),
  };
  assert.throws(() => readCommand({ ...command, handler: () => undefined } as never, ''), BugError);
});
