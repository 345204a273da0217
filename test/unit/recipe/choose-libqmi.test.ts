import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findTarget } from '../../../src/base/targets.ts';
import type { Architecture, Stack } from '../../../src/core/model.ts';
import {
  chooseLibqmi,
  expectLibqmi,
  findLibqmiFault,
  type LibqmiRequest,
} from '../../../src/recipe/choose-libqmi.ts';
import { listPurposes } from '../../../src/recipe/list-purposes.ts';

const request = (options: Partial<LibqmiRequest> = {}): LibqmiRequest => ({
  base: 'file.img',
  libqmi: undefined,
  libqmiSource: undefined,
  builder: 'clang',
  ...options,
});
const target = (id: string, codename: string, architecture: Architecture) =>
  findTarget({ id, codename, prettyName: codename }, architecture);
const STRETCH = target('raspbian', 'stretch', 'armhf');
const BOOKWORM = target('debian', 'bookworm', 'armhf');
const TRIXIE = target('debian', 'trixie', 'arm64');

const TABLE: readonly [Partial<LibqmiRequest>, Stack, typeof STRETCH, string, RegExp?][] = [
  [{}, 'ifupdown', STRETCH, 'build'],
  [{}, 'ifupdown', BOOKWORM, 'build'],
  [{}, 'networkmanager', BOOKWORM, 'stock'],
  [{}, 'networkmanager', TRIXIE, 'stock'],
  [{}, 'ifupdown', TRIXIE, 'stock', /does not for Debian 13 .* use a base with NetworkManager/],
  [{ libqmi: 'stock' }, 'ifupdown', BOOKWORM, 'stock', /in \/tmp/],
  [{ libqmi: 'stock' }, 'ifupdown', STRETCH, 'stock', /1\.16\.2 of Stretch/],
  [{ libqmi: 'build' }, 'networkmanager', BOOKWORM, 'build', /ModemManager/],
  [{ libqmi: 'build' }, 'ifupdown', TRIXIE, 'build', /does not compile libqmi for Debian 13/],
  [{ libqmiSource: 'x' }, 'networkmanager', TRIXIE, 'stock', /--libqmi-source: .* leave the option out/],
  [
    { libqmiSource: 'x', builder: 'qemu' },
    'networkmanager',
    TRIXIE,
    'stock',
    /--libqmi-source and --builder: .* leave both out/,
  ],
  [{ libqmiSource: 'x', builder: 'qemu' }, 'ifupdown', BOOKWORM, 'build'],
];

for (const [options, stack, base, choice, fault] of TABLE) {
  test(`${JSON.stringify(options)} with ${stack} of ${base.name}: ${choice}${fault === undefined ? '' : ', refused'}`, () => {
    assert.equal(chooseLibqmi(request(options), stack, base), choice);
    assert.match(findLibqmiFault(request(options), stack, base) ?? 'none', fault ?? /^none$/);
  });
}

test('the host needs compilers only where libqmi is compiled, and nothing is asked for before the base can tell', () => {
  const compression = { format: 'none', level: 0, keepImage: true } as const;
  const purposes = (base: string, libqmi?: 'stock' | 'build') => {
    const asked = { ...request({ base, libqmi }), compression };
    return listPurposes(asked, expectLibqmi(asked));
  };
  assert.deepEqual(purposes('raspbian-stretch'), ['image', 'libqmi', 'libqmi-autotools']);
  assert.deepEqual(purposes('debian-bookworm'), ['image', 'debian-base', 'libqmi', 'libqmi-meson']);
  assert.deepEqual(purposes('debian-bookworm', 'stock'), ['image', 'debian-base', 'packages']);
  assert.deepEqual(purposes('file.img'), ['image']);
  assert.deepEqual(purposes('file.img', 'build'), ['image', 'libqmi', 'libqmi-autotools', 'libqmi-meson']);
});
