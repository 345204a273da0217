import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatSudoCommand, packageRoot } from '../../../src/core/package.ts';
import { spellCommands, spellHint } from '../../../src/options/spell-commands.ts';

const CHECKOUT = { WWANPI_CALLED_AS: './wwanpi' };
const MAKE = { WWANPI_CALLED_AS: 'make' };

test('hints name the program as it was called, and nothing else that is called wwanpi', () => {
  const hint = 'wwanpi boot IMAGE, or sudo wwanpi flash; a newer wwanpi wrote it into /srv/wwanpi build';
  assert.equal(spellCommands(hint, {}), hint);
  assert.equal(
    spellCommands(hint, CHECKOUT),
    './wwanpi boot IMAGE, or sudo ./wwanpi flash; a newer wwanpi wrote it into /srv/wwanpi build',
  );
  assert.equal(spellCommands('wwanpi --help lists them', CHECKOUT), './wwanpi --help lists them');
  assert.deepEqual(formatSudoCommand(['flash', 'out/a b.img'], {}), [
    'sudo',
    'wwanpi',
    'flash',
    'out/a b.img',
  ]);
  assert.deepEqual(formatSudoCommand(['flash'], CHECKOUT), ['sudo', './wwanpi', 'flash']);
});

test('in a run of make, options are its variables, or belong in ARGS', () => {
  assert.equal(
    spellHint('use --base debian-bookworm, built from packages, or --base FILE', MAKE),
    'use BASE=debian-bookworm, built from packages, or BASE=FILE',
  );
  assert.equal(
    spellHint('take another folder: --output for the image, --cache-dir for the cache', MAKE),
    'take another folder: OUTPUT for the image, --cache-dir for the cache\n' +
      '  in make, options go into ARGS: make image APN=… ARGS="--option VALUE"',
  );
  assert.equal(
    spellHint(
      'once: sudo ./wwanpi fetch --base debian-bookworm; or: wwanpi fetch --base x --in docker',
      MAKE,
    ),
    'once: sudo ./wwanpi fetch --base debian-bookworm; or: ./wwanpi fetch --base x --in docker',
  );
  assert.equal(spellHint('make room', MAKE), 'make room');
});

test('no page, message, action or Makefile says npx or node dist/…: the program has one name', () => {
  const found = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'Makefile', 'action.yml']
    .concat(['docs', 'src', 'stage', 'overlays', 'examples', '.github'].flatMap(listTexts))
    .flatMap((file) =>
      readFileSync(join(packageRoot, file), 'utf8')
        .split('\n')
        .filter((line) => /\bnpx\b|\bnode"?\)?"? +("?\S+\/)?dist\/src\/cli/.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    );
  assert.deepEqual(found, []);
});

function listTexts(folder: string): string[] {
  return readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(svg|png|gpg)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(packageRoot.length + 1));
}
