import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { COMPLETION_SCRIPTS } from '../../../src/command-line/completion-scripts.ts';
import { packageRoot } from '../../../src/core/package.ts';
import { createTestContext } from '../../helpers/context.ts';

/** A folder with a `wwanpi` that is the built command, and the script of one shell. */
async function prepare(t: TestContext, shell: keyof typeof COMPLETION_SCRIPTS) {
  const context = await createTestContext(t);
  const bin = join(context.tmpDir, 'bin');
  await mkdir(bin);
  const command = join(bin, 'wwanpi');
  await writeFile(
    command,
    `#!/bin/sh\nexec '${process.execPath}' '${join(packageRoot, 'dist/src/cli.js')}' "$@"\n`,
  );
  await chmod(command, 0o755);
  const script = join(context.tmpDir, `completion.${shell}`);
  await writeFile(script, COMPLETION_SCRIPTS[shell]);
  return { ...context, script, path: `${bin}:${process.env.PATH}` };
}

/** What is on the line, the word begun last; and what the shell must offer. */
const CASES: [words: string[], offered: string[]][] = [
  [['bui'], ['build']],
  [
    ['build', '--base', 'raspbian-stretch-'],
    ['raspbian-stretch-2018-11-13', 'raspbian-stretch-2018-06-27'],
  ],
  [['boot', 'a b.img', '--scenario', 'late-st'], ['late-stick']],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
];

test('bash offers what fits, and the script is clean', async (t) => {
  const { exec, script, path } = await prepare(t, 'bash');
  await exec(['shellcheck', '--shell=bash', script]);
  const ask = `source "$1"; shift; COMP_WORDS=(wwanpi "$@"); COMP_CWORD=$#; _wwanpi; printf '%s\\n' "\${COMPREPLY[@]}"; complete -p wwanpi`;
  for (const [words, offered] of CASES) {
    const { stdout } = await exec(['bash', '-c', ask, 'bash', script, ...words], { env: { PATH: path } });
    assert.deepEqual(stdout.trim().split('\n'), [
      ...offered,
      'complete -o bashdefault -o default -F _wwanpi wwanpi',
    ]);
  }
});

test('fish offers what fits, with what it means', async (t) => {
  const { exec, script, path, tmpDir } = await prepare(t, 'fish');
  const quote = (word: string) => (word.includes(' ') ? `'${word}'` : word);
  for (const [words, offered] of CASES) {
    const line = `wwanpi ${words.map(quote).join(' ')}`;
    const { stdout } = await exec(['fish', '--no-config', '-c', `source ${script}; complete -C "${line}"`], {
      env: { PATH: path, HOME: tmpDir },
      cwd: join(tmpDir, 'bin'),
    });
    const found = stdout
      .trim()
      .split('\n')
      .map((each) => each.split('\t'));
    for (const word of offered)
      assert.ok(
        found.some(([first]) => first === word),
        `${line}: ${stdout}`,
      );
    if (words[0] === 'bui') assert.match(found[0]?.[1] ?? '', /^Build an image/);
  }
});

test('zsh offers what fits, with what it means', async (t) => {
  const { exec, script, path, tmpDir } = await prepare(t, 'zsh');
  // The completion system runs only within its line editor: its _describe, which shows the words, is stood in for.
  const ask = `compdef() { print -r -- "compdef $*" }
_describe() { local name=\${@[-1]}; print -rl -- "\${(@P)name}" }
_files() { print files }
source "$1"; shift; words=(wwanpi "$@"); CURRENT=$#words; _wwanpi`;
  for (const [words, offered] of [...CASES, [['boot', 'x'], ['files']]] as typeof CASES) {
    const { stdout } = await exec(['zsh', '-f', '-c', ask, 'zsh', script, ...words], {
      env: { PATH: path, HOME: tmpDir },
    });
    const [first, ...found] = stdout.trim().split('\n');
    assert.equal(first, 'compdef _wwanpi wwanpi');
    assert.deepEqual(
      found.map((each) => each.replace(/(?<!\\):.*/, '')),
      offered,
    );
    if (words[0] === 'bui') assert.match(found[0] ?? '', /^build:Build an image/);
  }
});
