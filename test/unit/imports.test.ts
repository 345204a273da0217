import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/core/package.ts';

/**
 * The rooms of the house, floor by floor from the top. A file may import files of its own room and of any room on a
 * floor below; rooms on one floor do not know each other. Three files stand in no folder and are a room each.
 */
const FLOORS: ReadonlyArray<readonly string[]> = [
  ['src/cli.ts', 'src/action.ts'],
  ['src/command-line'],
  ['src/commands'],
  ['src/guided'],
  ['src/report', 'src/catalogue', 'src/set'],
  ['src/fleet'],
  ['src/pipeline.ts'],
  ['src/customise', 'src/publish'],
  ['src/libqmi', 'src/own-files', 'src/release', 'stage'],
  ['src/recipe', 'src/container'],
  ['src/options'],
  ['src/base', 'src/boot'],
  ['src/carriers', 'src/flash', 'src/host', 'src/image'],
  ['src/tools'],
  ['src/formats', 'src/modem'],
  ['src/core'],
];

/** Rooms that may import less than all that lies below them: stage/ is data, and speaks only of a recipe and of texts. */
const ONLY: Readonly<Record<string, readonly string[]>> = {
  stage: ['src/recipe', 'src/formats', 'src/core'],
};

const files = ['src', 'stage'].flatMap((folder) =>
  readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[cm]?tsx?$/.test(name))
    .map((name) => join(folder, name)),
);
const texts = new Map(files.map((file) => [file, readFileSync(join(packageRoot, file), 'utf8')]));
const imports = new Map(files.map((file) => [file, listImports(file, texts.get(file) ?? '')]));

test('every file is in a room, and every room has files', () => {
  const rooms = FLOORS.flat();
  assert.deepEqual(
    files.filter((file) => findRoom(file) === undefined),
    [],
    'a new folder needs a floor in FLOORS; a loose file belongs into a room',
  );
  assert.deepEqual(
    rooms.filter((room) => !files.some((file) => findRoom(file) === room)),
    [],
  );
});

for (const room of FLOORS.flat()) {
  test(`${room} imports only rooms below it`, () => {
    const below = ONLY[room] ?? FLOORS.slice(floorOf(room) + 1).flat();
    const wrong = files
      .filter((file) => findRoom(file) === room)
      .flatMap((file) => (imports.get(file) ?? []).map((target) => ({ file, target })))
      .filter(({ target }) => {
        const other = findRoom(target);
        return other !== room && (other === undefined || !below.includes(other));
      })
      .map(({ file, target }) => `${file} → ${target}`);
    assert.deepEqual(wrong, [], `${room} may import ${below.join(', ') || 'no other room'}`);
  });
}

test('no import leads back to where it began, type-only and dynamic imports included', () => {
  const circle = findCircle(imports);
  assert.equal(circle, undefined, circle?.join('\n→ '));
});

test('a circle is found, and shown from its first file to its first file', () => {
  const graph = { a: ['b'], b: ['c', 'd'], c: [], d: ['e'], e: ['b'] };
  assert.deepEqual(findCircle(new Map(Object.entries(graph))), ['b', 'd', 'e', 'b']);
  assert.deepEqual(findCircle(new Map([['a', ['a']]])), ['a', 'a']);
});

test('an import is seen however it is written', () => {
  const text = `
import { a } from './a.ts';
import type { b } from '../b.ts';
import './c.ts';
export { d } from './d.ts';
type E = import('./e.ts').E;
const f = await import('./f.ts');
const g = new URL('./g.ts', import.meta.url);
import { execa } from 'execa';
`;
  assert.deepEqual(
    listImports('src/x/y.ts', text),
    ['x/a', 'b', 'x/c', 'x/d', 'x/e', 'x/f', 'x/g'].map((name) => `src/${name}.ts`),
  );
});

test('what is imported is written out: nothing computes it', () => {
  const computed = files.filter((file) => /\bimport\(\s*[^'\s]/.test(texts.get(file) ?? ''));
  assert.deepEqual(computed, []);
});

test('only tools/exec.ts spawns', () => {
  assert.deepEqual(listFilesThatImport(/^(node:child_process|execa)$/), [
    'src/tools/attached.ts',
    'src/tools/exec.ts',
  ]);
});

test('formats neither reads nor writes a file, and asks no network', () => {
  // isIP of node:net looks at a text.
  const outside = listFilesThatImport(/^(node:(fs|fs\/promises|http|https|tls|dgram|dns)|undici|ssh2.*)$/);
  assert.deepEqual(
    outside.filter((file) => findRoom(file) === 'src/formats'),
    [],
  );
});

test('the page in the browser, and what it shares with the command, is without Node', () => {
  const reached = new Set<string>();
  const visit = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const target of imports.get(file) ?? []) visit(target);
  };
  visit('src/catalogue/page/main.ts');
  for (const shared of ['card-place.ts', 'card-text.ts', 'check.ts', 'keys.ts'])
    assert.ok(reached.has(`src/formats/card-settings/${shared}`), shared);
  const bound = [...reached].filter((file) =>
    /'node:|\bBuffer\b|\bprocess\./.test((texts.get(file) ?? '').replaceAll(/^ *(\/?\*|\/\/).*$/gm, '')),
  );
  assert.deepEqual(bound, []);
});

function findRoom(file: string): string | undefined {
  return FLOORS.flat().find((room) => file === room || file.startsWith(`${room}/`));
}

function floorOf(room: string): number {
  return FLOORS.findIndex((rooms) => rooms.includes(room));
}

/** The files of this package that a file's text names, by their paths from the package's root. */
function listImports(file: string, text: string): string[] {
  return [...text.matchAll(/\b(?:from|import|import\(|new URL\()\s*'(\.[^']+)'/g)].map((match) =>
    relative(packageRoot, resolve(packageRoot, dirname(file), match[1] ?? '')),
  );
}

function listFilesThatImport(specifier: RegExp): string[] {
  return files.filter((file) =>
    [...(texts.get(file) ?? '').matchAll(/\b(?:from|import|import\()\s*'([^.'][^']*)'/g)].some((match) =>
      specifier.test(match[1] ?? ''),
    ),
  );
}

/** The first circle of a graph, its first node again at its end; undefined where there is none. */
function findCircle(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (node: string): string[] | undefined => {
    const at = path.indexOf(node);
    if (at !== -1) return [...path.slice(at), node];
    if (done.has(node)) return undefined;
    path.push(node);
    for (const next of graph.get(node) ?? []) {
      const circle = visit(next);
      if (circle !== undefined) return circle;
    }
    path.pop();
    done.add(node);
    return undefined;
  };
  for (const node of graph.keys()) {
    const circle = visit(node);
    if (circle !== undefined) return circle;
  }
  return undefined;
}
