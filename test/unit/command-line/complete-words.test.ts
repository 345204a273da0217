import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { listCommands } from '../../../src/command-line/command-list.ts';
import { completeWords, joinBashWords } from '../../../src/command-line/complete-words.ts';
import { listKnownNames } from '../../../src/command-line/completion-values.ts';
import { listOptions } from '../../../src/options/options.ts';

const source = { commands: listCommands(), values: listKnownNames };

async function complete(line: string): Promise<string[]> {
  return (await completeWords(source, joinBashWords(line.split(' ')))).map(({ word }) => word);
}

describe('the words that fit', () => {
  /** What is typed after wwanpi, to the cursor; and exactly the words that may come. */
  const cases: [string, string[]][] = [
    ['bui', ['build']],
    ['--v', ['--version']],
    ['--log ', ['text', 'json']],
    ['--log json sch', ['schema']],
    ['build --apn-u', ['--apn-user']],
    ['build --apn-auth ', ['none', 'pap', 'chap', 'mschapv2']],
    ['build --apn-auth=p', ['--apn-auth=pap']],
    // As bash splits it.
    ['build --apn-auth = p', ['pap']],
    ['build --apn-auth =', ['none', 'pap', 'chap', 'mschapv2']],
    ['build --supervisor o', ['on', 'off']],
    ['build --base debian-b', ['debian-bookworm']],
    ['fleet f.yaml --matrix git', ['github', 'gitlab']],
    ['boot x.img --scenario late', ['late-stick', 'late-signal']],
    ['completion ', ['bash', 'zsh', 'fish']],
    ['completion bash ', ['--log', '--help', '--help-all', '--version']],
    // Files, which the shell knows.
    ['boot ', []],
    ['build --output ', []],
    ['build --apn ', []],
    ['build --ssh-key a.pub b', []],
    ['no-command --', ['--log', '--help', '--help-all', '--version']],
  ];
  for (const [line, words] of cases) {
    test(`wwanpi ${line}`, async () => assert.deepEqual(await complete(line), words));
  }
});

test('every command, and every option of every command, until it is given', async () => {
  assert.deepEqual(
    await complete(''),
    source.commands.map(({ name }) => name),
  );
  for (const { name } of source.commands) {
    const words = await complete(`${name} --`);
    const options = listOptions(name).filter(({ hidden }) => hidden !== true);
    for (const option of options) assert.ok(words.includes(`--${option.name}`), `${name} --${option.name}`);
  }
  assert.ok(!(await complete('build --apn x --')).includes('--apn'));
  assert.ok((await complete('build --ssh-key x --')).includes('--ssh-key'));
});

test("carriers of the installed data, and their countries; nothing where it isn't", async (t) => {
  const carriers = await complete('build --carrier us/metro');
  if (carriers.length === 0)
    return t.skip('the Debian package mobile-broadband-provider-info is not installed');
  assert.ok(carriers.includes('us/metropcs'));
  assert.deepEqual(await complete('carriers --country d'), ['de', 'dk', 'do', 'dz']);
});
