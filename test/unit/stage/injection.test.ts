import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { InputError } from '../../../src/core/errors.ts';
import type { FileChange } from '../../../src/core/model.ts';
import { listRequiredFiles, planChanges } from '../../../src/customise/plan-changes.ts';
import { parseRecipe } from '../../../src/recipe/parse-recipe.ts';
import type { ParsedRecipe } from '../../../src/recipe/recipe.ts';
import { createTestContext } from '../../helpers/context.ts';
import { parseInterfaces } from '../../helpers/interfaces-parser.ts';
import { stretchFacts, stretchFiles } from '../../helpers/stretch-files.ts';

/** Text made to break out: every kind of syntax it could end up in, and any bytes at all. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({
    unit: fc.constantFrom(...'aZ0._-:@+/=\'"\\$`;&|<>(){}*?[]~#!%^ \t\n\r,\0'),
    minLength: 1,
    maxLength: 16,
  }),
  fc.string({ unit: fc.constantFrom(...'abz019._-:@+/='), minLength: 1, maxLength: 16 }),
  fc.constantFrom(
    '$(reboot)',
    "a';reboot;'",
    'a"\r\nAT+CFUN=0',
    'a\n\tup reboot',
    'a\\',
    '@@METRIC@@',
    '-rf',
    '#a',
    '~',
    "x',ip-type='4",
  ),
);

interface Rendered {
  readonly apn: string;
  readonly user: string;
  readonly password: string;
  readonly changes: readonly FileChange[];
}

function render(apn: string, user: string, password: string): Rendered | undefined {
  let parsed: ParsedRecipe;
  try {
    parsed = parseRecipe({ apn, apnUser: user, apnPassword: password });
  } catch (error) {
    assert.ok(error instanceof InputError);
    return undefined;
  }
  const { recipe } = parsed;
  const { changes } = planChanges(recipe, stretchFacts, stretchFiles(listRequiredFiles(recipe)), []);
  return { apn, user, password, changes };
}

function textAt(rendered: Rendered, path: string): string {
  const change = rendered.changes.find((one) => one.path === path);
  assert.ok(change?.kind === 'file', path);
  return Buffer.from(change.content).toString();
}

/** Everything that got past the recipe, of many tries. */
function accepted(): Rendered[] {
  const tries = [
    ...fc.sample(fc.tuple(hostile, hostile, hostile), 3000),
    ...fc.sample(fc.tuple(hostile, fc.constant('u'), fc.constant('p')), 1000),
    ...fc.sample(fc.tuple(fc.constant('internet'), hostile, hostile), 1000),
  ];
  return tries.flatMap(([apn, user, password]) => render(apn, user, password) ?? []).slice(0, 300);
}

test('whatever is accepted stays data in shell, ifupdown and AT', async (t) => {
  const { exec, tmpDir } = await createTestContext(t);
  const all = accepted();
  assert.ok(all.length > 100, `${all.length} accepted`);
  const plain = render('internet', 'u', 'p');
  assert.ok(plain);
  const plainOptions = optionNames(plain);

  const script: string[] = [];
  const expected: string[] = [];
  for (const rendered of all) {
    const { apn, user, password } = rendered;
    assert.deepEqual(optionNames(rendered), plainOptions, 'no option more or less than a plain APN makes');

    const dial = preUps(rendered).find((line) => line.includes('/usr/lib/wwanpi/dial ')) ?? '';
    script.push(`(${dial.replace('/usr/lib/wwanpi/dial', 'show')}\n)`);
    expected.push(`<${apn}><start>\n`);

    script.push(
      `(${textAt(rendered, '/etc/qmi-network.conf')}\nprintf '<%s>' "$APN" "$APN_USER" "$APN_PASS"\necho)`,
    );
    expected.push(`<${apn}><${user}',auth='CHAP><${password}>\n`);

    const lines = textAt(rendered, '/etc/wwanpi/ndisdup.conf')
      .split('\n')
      .filter((line) => !line.startsWith('#'));
    assert.deepEqual(lines, [`AT^NDISDUP=1,1,"${apn}","${user}","${password}",2`, '']);
    assert.match(lines[0] ?? '', /^AT\^NDISDUP=1,1(,"[^"\\]*"){3},2$/, 'three string constants and no more');
  }
  // A program of that name prints what it got; a break-out would show as more output, or an error.
  const bin = join(tmpDir, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'show'), '#!/bin/sh\nprintf "<%s>" "$APN" "$@"\necho\n', { mode: 0o755 });
  const path = join(tmpDir, 'script');
  await writeFile(path, script.join('\n'));
  await exec(['dash', '-n', path]);
  const { stdout, stderr } = await exec(['dash', path], {
    env: { PATH: `${bin}:/usr/bin:/bin` },
    cwd: tmpDir,
  });
  assert.equal(stdout, expected.join(''));
  assert.equal(stderr, '');
});

function preUps(rendered: Rendered): string[] {
  const { stanzas } = parseInterfaces(textAt(rendered, '/etc/network/interfaces.d/wwan0'));
  return (stanzas[0]?.options ?? []).filter(([name]) => name === 'pre-up').map(([, value]) => value);
}

function optionNames(rendered: Rendered): unknown {
  const { stanzas, others } = parseInterfaces(textAt(rendered, '/etc/network/interfaces.d/wwan0'));
  return { others, stanzas: stanzas.map(({ head, options }) => [head, ...options.map(([name]) => name)]) };
}
