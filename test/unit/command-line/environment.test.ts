import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readVariable, VARIABLES } from '../../../src/core/environment.ts';
import { packageRoot } from '../../../src/core/package.ts';
import { ENVIRONMENT } from '../../../src/options/environment.ts';

const files = readdirSync(join(packageRoot, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && name !== 'core/environment.ts')
  // action.yml passes these to its own helper; no user sets them.
  .filter((name) => name !== 'action.ts')
  .map((name) => [name, readFileSync(join(packageRoot, 'src', name), 'utf8')] as const);

test('a variable is read by readVariable, which takes only names of the table', () => {
  const others = files.filter(([, text]) =>
    /\b(?:process\.env|environment|env)\??\.[A-Za-z_]+\b(?!\.)/.test(
      text.replaceAll(/^ *(\/?\*|\/\/).*$/gm, '').replaceAll(/'[^'\n]*'/g, ''),
    ),
  );
  assert.deepEqual(
    others.map(([name]) => name),
    [],
  );
});

test('every variable of the table is read somewhere, and the manual page has each once', () => {
  const source = files.map(([, text]) => text).join('\n');
  for (const row of VARIABLES) {
    // Programs that wwanpi runs read the others of a handed-on row, and Node reads these two itself.
    const isRead = row.names.some((name) => source.includes(`'${name}'`));
    if (!('handedOn' in row) && !['TMPDIR', 'HOME'].includes(row.names[0])) assert.ok(isRead, row.names[0]);
  }
  const names = ENVIRONMENT.flatMap((row) => row.names);
  assert.equal(new Set(names).size, names.length);
  for (const { meaning } of ENVIRONMENT) assert.match(meaning, /^[A-Z].*[^.]$/);
});

test('an empty variable is one that is not set', () => {
  assert.equal(readVariable('TERM', { TERM: '' }), undefined);
  assert.equal(readVariable('TERM', { TERM: 'dumb' }), 'dumb');
});
