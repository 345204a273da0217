import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createCommandLine } from '../../../src/command-line/command-line.ts';
import { COMMAND_GROUPS, listCommands } from '../../../src/command-line/command-list.ts';
import { formatCommandHelp, formatMainHelp } from '../../../src/command-line/format-help.ts';
import { InputError } from '../../../src/core/errors.ts';
import { packageRoot } from '../../../src/core/package.ts';
import { type Command, formatUsage } from '../../../src/options/command.ts';
import { listCommonOptions, listOptions, OPTIONS } from '../../../src/options/options.ts';
import { extractCommands, findFault } from '../../helpers/command-lines.ts';

const commands = listCommands();

test('wwanpi --help-all shows every command once, under its heading, with what it does', () => {
  const help = formatMainHelp(COMMAND_GROUPS, { columns: 100, all: true });
  for (const { title } of COMMAND_GROUPS) assert.match(help, new RegExp(`^${title}:$`, 'm'));
  for (const { name, describe } of commands) {
    assert.equal(help.split(`\n  ${name} `).length, 2, name);
    assert.ok(help.replaceAll(/ +/g, ' ').includes(`\n ${name} ${describe}\n`), name);
  }
  // The commands come first.
  assert.ok(help.indexOf('\nCommon options') > help.indexOf(`\n  ${commands.at(-1)?.name} `));
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
    'shows its options, arguments and examples in --help-all, and the common options after its own',
    (command) => {
      const { name, args, examples, describe } = command;
      const options = listOptions(name).filter(({ hidden }) => hidden !== true);
      const help = formatCommandHelp(command, { columns: 100, all: true });
      assert.ok(help.startsWith(`Usage: wwanpi ${formatUsage(command)} [options]\n${describe}.\n`), help);
      for (const option of options) assert.match(help, new RegExp(`^ +(-\\w, )?--${option.name}( |$)`, 'm'));
      for (const { name: arg } of args) assert.match(help, new RegExp(`^  ${arg.toUpperCase()}…? `, 'm'));
      for (const { line } of examples) assert.ok(help.includes(`\n  ${line}\n`), line);
      const common = help.indexOf('\nCommon options, with [defaults]:\n');
      for (const { name: global } of listCommonOptions())
        assert.ok(help.search(new RegExp(`^ +(-\\w, )?--${global} `, 'm')) > common, global);
      for (const option of options)
        assert.ok(help.search(new RegExp(`--${option.name}\\s`)) < common, option.name);
    },
  ],
  [
    'has a short help that fits a screen of 80 columns and 24 lines, below the command and above the prompt',
    (command) => {
      const { name, basics = [], args, examples } = command;
      const options = listOptions(name).filter(({ hidden }) => hidden !== true);
      for (const basic of basics)
        assert.ok(
          options.some((option) => option.name === basic),
          basic,
        );
      const lines = formatCommandHelp(command, { columns: 80, all: false }).trimEnd().split('\n');
      assert.ok(lines.length <= 23, `${lines.length} lines: name the usual options in basics`);
      for (const line of lines) assert.ok(line.length <= 80, line);
      assert.equal(lines.at(-1)?.startsWith(`wwanpi ${name} --help-all shows every option`), true);
      for (const { name: arg } of args)
        assert.ok(lines.some((line) => line.startsWith(`  ${arg.toUpperCase()}`)));
      assert.ok(lines.includes(`  ${examples[0]?.line}`));
    },
  ],
  [
    'has a line in wwanpi --help that does not wrap, and examples that can be copied at 80 columns',
    ({ name, describe, examples }) => {
      assert.ok(`  ${name.padEnd(10)}  ${describe}`.length <= 80, describe);
      for (const { line } of examples) assert.ok(line.length <= 78, line);
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
    ['doctor -j', /^-j is not an option of wwanpi doctor$/],
    ['--verison', /^--verison is not an option of wwanpi without a command; did you mean --version\?$/],
    ['flete x', /^there is no command flete; did you mean fleet\?$/],
    ['', /^name a command$/],
    ['fleet', /^FILE is missing: YAML or JSON file \(see wwanpi schema\)$/],
    ['schema x', /^unexpected argument "x"$/],
    ['completion bsh', /^SHELL "bsh" must be one of bash, zsh, fish; did you mean bash\?$/],
    ['doctor --log jsn', /^--log "jsn" must be one of text, json; did you mean json\?$/],
    ['build --log xml', /^--log "xml" must be one of text, json$/],
    ['build --apn x --apn y', /^--apn is given more than once; it takes one value$/],
    ['fetch --fleet x --base y', /^--fleet cannot be combined with --base$/],
    ['publish --shrad --json', /^3 errors in the command line:(\n {2}- [^\n]+){3}$/],
    ['publish a b --known-hosts', /^--known-hosts needs a value$/],
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
    await createCommandLine(words, async () => undefined).parseAsync();
    return undefined;
  } catch (error) {
    assert.ok(error instanceof InputError, String(error));
    return error.message;
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

const SIZES = [
  { flag: '--help', suffix: '', all: false },
  { flag: '--help-all', suffix: '-all', all: true },
];

for (const { flag, suffix, all } of SIZES) {
  for (const command of commands) {
    const name = `${command.name}${suffix}`;
    test(`wwanpi ${command.name} ${flag} is as it was: test/golden/help/${name}.txt`, () =>
      compareGolden(name, formatCommandHelp(command, { columns: 80, all })));
  }
  const name = `wwanpi${suffix}`;
  test(`wwanpi ${flag} is as it was: test/golden/help/${name}.txt`, () =>
    compareGolden(name, formatMainHelp(COMMAND_GROUPS, { columns: 80, all })));
}

test('wwanpi --help fits a screen of 80 columns and 24 lines, and shrinks with the terminal', () => {
  const lines = formatMainHelp(COMMAND_GROUPS, { columns: 80, all: false }).trimEnd().split('\n');
  assert.ok(lines.length <= 23, `${lines.length} lines`);
  for (const line of formatMainHelp(COMMAND_GROUPS, { columns: 40, all: true }).split('\n'))
    assert.ok(line.length <= 40 || line.includes('wwanpi '), line);
});

/** UPDATE_GOLDEN=1 rewrites the file. */
async function compareGolden(name: string, help: string): Promise<void> {
  for (const line of help.split('\n')) assert.ok(line.length <= 80, line);
  const path = join(packageRoot, 'test/golden/help', `${name}.txt`);
  if (process.env.UPDATE_GOLDEN === '1') await writeFile(path, help);
  assert.equal(help, await readFile(path, 'utf8'));
}
