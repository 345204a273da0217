import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readPages } from '../../../scripts/docs/read-pages.ts';
import { parseScenario } from '../../../src/boot/read-scenario.ts';
import { packageRoot } from '../../../src/core/package.ts';
import { parseBehaviour } from '../../../src/modem/behaviour.ts';
import { extractCommands, findFault } from '../../helpers/command-lines.ts';

const read = (path: string) => readFileSync(join(packageRoot, path), 'utf8');

test('every wwanpi command in a block of code is one that the command line takes', async () => {
  let checked = 0;
  for (const { path, code } of readPages().filter((page) => /^(README\.md|docs\/)/.test(page.path))) {
    const text = code.join('\n').replaceAll(/^ *(?:\$ )?(?:sudo )?(?:\.\/)?(?=wwanpi )/gm, '');
    // A usage line has its arguments in brackets.
    for (const words of extractCommands(text.replaceAll(/^wwanpi .*[[<].*$/gm, ''))) {
      assert.equal(await findFault(words), undefined, `${path}: wwanpi ${words.join(' ')}`);
      checked += 1;
    }
  }
  assert.ok(checked > 60, String(checked));
});

test('the scenarios in the docs can be read', () => {
  const page = read('docs/how-to/another-scenario.md');
  const files = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text = '']) => text);
  const recipes = [...page.matchAll(/`("(?:behaviour|machine|expected)": [^`]*)`/g)].map(
    ([, text]) => `{${text}}`,
  );
  assert.ok(files.length >= 1 && recipes.length >= 6);
  for (const text of [...files, ...recipes]) parseScenario(text, text);
});

test("the scenario file's page names every field of a behaviour", () => {
  const page = read('docs/reference/scenario-file.md');
  const { network, pin, signal, ...behaviour } = parseBehaviour({});
  const names = [...[network, pin, signal, behaviour].flatMap(Object.keys), 'network', 'pin', 'signal'];
  for (const name of names) assert.match(page, new RegExp(`\`${name}\``), name);
});

test('the page of the files on the Pi names every file of the golden diffs', () => {
  const page = read('docs/reference/on-the-pi.md');
  const golden = join(packageRoot, 'test/golden');
  const paths = readdirSync(golden)
    .filter((name) => name.endsWith('.txt'))
    .flatMap((name) => [...readFileSync(join(golden, name), 'utf8').matchAll(/^[+~] (\/\S+)/gm)])
    .map(([, path = '']) => path)
    .filter((path) => !/libqmi-|\.wants\/|\/wwanpi\/templates\/|first-boot\/(packages|scripts)\//.test(path));
  assert.ok(paths.length > 30);
  for (const path of new Set(paths)) assert.ok(page.includes(`\`${path}\``), path);
});
