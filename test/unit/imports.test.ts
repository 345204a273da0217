import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/core/package.ts';

/** Who may import whom, from the top down: cli → commands → pipeline → tools → formats. */
const ALLOWED: ReadonlyArray<readonly [layer: string, pattern: RegExp, mayImport: RegExp]> = [
  ['formats', /^src\/formats\//, /^src\/(formats\/|core\/)/],
  ['tools', /^src\/tools\//, /^src\/(tools\/|formats\/|core\/)/],
  ['modem', /^src\/modem\//, /^src\/(modem\/|tools\/|formats\/|core\/)/],
  [
    'catalogue',
    /^src\/catalogue\//,
    /^src\/(catalogue\/|fleet\/fleet-state|formats\/|core\/|report\/terminal-report)/,
  ],
  ['stage', /^stage\//, /^(stage\/|src\/(formats\/|core\/|recipe\/))/],
  ['commands', /^src\/commands\//, /^(stage\/|src\/(?!cli))/],
];

const files = ['src', 'stage'].flatMap((folder) =>
  readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name)),
);

function importsOf(file: string): string[] {
  const text = readFileSync(join(packageRoot, file), 'utf8');
  return [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map((match) =>
    relative(packageRoot, resolve(packageRoot, dirname(file), match[1] ?? '')),
  );
}

for (const [layer, pattern, mayImport] of ALLOWED) {
  test(`${layer} imports only what lies below it`, () => {
    const wrong = files
      .filter((file) => pattern.test(file))
      .flatMap((file) =>
        importsOf(file)
          .filter((target) => !mayImport.test(target))
          .map((target) => `${file} → ${target}`),
      );
    assert.deepEqual(wrong, []);
  });
}

test('only tools/exec.ts spawns', () => {
  const spawning = files.filter((file) =>
    /from '(node:child_process|execa)'/.test(readFileSync(join(packageRoot, file), 'utf8')),
  );
  assert.deepEqual(spawning, ['src/tools/exec.ts']);
});
