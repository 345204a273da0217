import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CONTAINER_SOURCES } from '../../src/container/ensure-container-image.ts';
import { packageRoot } from '../../src/core/package.ts';
import { HOST_TOOLS } from '../../src/host/host-tools.ts';

const read = (name: string) => readFileSync(join(packageRoot, name), 'utf8');
const dockerfile = read('Dockerfile').replaceAll('\\\n', ' ');

/** What some tools use without being told: the certificates and keys of downloads, the carriers' data. */
const UNTOLD = ['ca-certificates', 'debian-archive-keyring', 'mobile-broadband-provider-info'];

test('the builder image has exactly the packages of the host tools, sorted', () => {
  // The last stage's; what the stage before it installs stays there.
  const toolBox = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
  const listed = /apt-get install [^&]*?((?: +[a-z0-9][a-z0-9.+-]*)+) +&&/
    .exec(toolBox)?.[1]
    ?.trim()
    .split(/ +/);
  const wanted = new Set([...HOST_TOOLS.map((tool) => tool.debianPackage), ...UNTOLD]);
  assert.deepEqual(listed, [...wanted].sort());
});

test("the builder image's Node.js is one that wwanpi runs on", () => {
  const major = Number(/^ARG NODE_IMAGE=node:(\d+)/m.exec(dockerfile)?.[1]);
  const least = Number(/(\d+)/.exec(JSON.parse(read('package.json')).engines.node)?.[1]);
  assert.ok(major >= least, `${major} < ${least}`);
});

test('the sources of the builder image are sent to the engine, and nothing else', () => {
  const [first, ...allowed] = read('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  assert.equal(first, '*');
  assert.deepEqual(allowed.map((line) => line.slice(1)).toSorted(), CONTAINER_SOURCES.toSorted());
  // All of the published package but its docs, the programs it is built from, and how npm is to be run.
  const docs = ['docs', 'CODE_OF_CONDUCT.md', 'CONTRIBUTING.md', 'SECURITY.md'];
  const { files } = JSON.parse(read('package.json'));
  const published = (files as string[])
    .filter((name) => !docs.includes(name))
    .map((name) => name.replace(/^dist\/.*/, 'dist'));
  const sources = [
    'package.json',
    'package-lock.json',
    '.npmrc',
    'scripts/bundle-page.ts',
    'src',
    'stage',
    'tsconfig.json',
    'scripts/bundle-program.ts',
  ];
  assert.deepEqual([...new Set([...published, ...sources])].sort(), CONTAINER_SOURCES.toSorted());
});
