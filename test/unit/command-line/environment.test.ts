import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ENVIRONMENT } from '../../../src/command-line/environment.ts';
import { packageRoot } from '../../../src/core/package.ts';

test('the manual names every variable of the environment that the source reads, and no other', () => {
  const source = readdirSync(join(packageRoot, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && name !== 'command-line/environment.ts')
    // Of the text the Pi or a shell gets, nothing is read here.
    .filter((name) => name !== 'command-line/completion-scripts.ts')
    // What action.yml hands to its own helper is no user's.
    .filter((name) => name !== 'action.ts')
    .map((name) =>
      readFileSync(join(packageRoot, 'src', name), 'utf8').replaceAll(/^ *(\/?\*|\/\/).*$/gm, ''),
    )
    .join('\n');
  const read = [
    ...source.matchAll(/\b(?:process\.env|environment|env)\??\.(?!ts')([A-Za-z_]+)/g),
    ...source.matchAll(/'(WWANPI_[A-Z_]+|SOURCE_DATE_EPOCH)'/g),
  ].map((match) => match[1] ?? '');
  const named = ENVIRONMENT.flatMap(({ name }) => name.split(', '));
  assert.deepEqual(
    [...new Set(read)].filter((name) => !named.includes(name)),
    [],
  );
  for (const name of named) assert.match(source, new RegExp(`\\b${name}\\b`));
});
