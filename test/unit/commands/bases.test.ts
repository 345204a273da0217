import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { BASES, findBase } from '../../../src/base/bases.ts';
import { namePis, runBases } from '../../../src/commands/bases.ts';
import { createTestContext } from '../../helpers/context.ts';

const NOW = new Date('2026-11-30T10:00:00Z');

test('every base is one line of a terminal of 80 columns, with what is cached', async (t) => {
  const { cacheDir } = await createTestContext(t);
  const stretch = findBase('raspbian-stretch');
  assert.ok(stretch?.kind === 'download');
  await mkdir(join(cacheDir, 'disks', stretch.sha256), { recursive: true });
  // debian-trixie has the same beginning, and is not there.
  await mkdir(join(cacheDir, 'bases', `debian-trixie-arm64-${'0'.repeat(32)}`), { recursive: true });
  const text = await runBases({ json: false, cacheDir, now: NOW });
  const lines = text.split('\n');
  assert.ok(
    lines.every((line) => line.length <= 80),
    text,
  );
  const cached = lines.filter((line) => line.endsWith(' yes'));
  assert.deepEqual(
    cached.map((line) => line.split(/ {2,}/)),
    [
      ['raspbian-stretch', '1-3, Zero', 'armhf', 'ended', 'yes'],
      ['debian-trixie-arm64', '3-4, Zero 2', 'arm64', 'to 2030-06', 'yes'],
    ],
  );
  for (const { name } of BASES) assert.equal(lines.filter((line) => line.startsWith(`${name} `)).length, 1);
});

test('programs get all of it', async (t) => {
  const { cacheDir } = await createTestContext(t);
  const { bases } = JSON.parse(await runBases({ json: true, cacheDir, now: NOW }));
  assert.equal(bases.length, BASES.length);
  const trixie = bases.find(({ name }: { name: string }) => name === 'raspios-trixie');
  assert.deepEqual(
    { ...trixie, path: undefined, sha256: trixie.sha256.length },
    {
      name: 'raspios-trixie',
      description: 'Raspberry Pi OS Lite 64 bit (trixie) of 2026-09-15',
      default: false,
      kind: 'download',
      release: 'trixie',
      architecture: 'arm64',
      stack: 'networkmanager',
      devices: ['pi3-64bit', 'pi4-64bit', 'pi5-64bit'],
      initFormat: 'cloudinit-rpi',
      supportedUntil: '2030-06-30',
      supported: true,
      cached: false,
      path: undefined,
      sha256: 64,
    },
  );
  assert.equal(bases[0].supported, false);
});

test('Pis are named as people name them', () => {
  assert.equal(namePis(['pi2-32bit']), '2');
  assert.equal(namePis(['pi1-32bit', 'pi2-32bit', 'pi3-32bit', 'pi4-32bit']), '1-4, Zero, Zero 2');
});
