import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLeftOut, parsePathFilters } from '../../../../src/formats/debian/path-filters.ts';

const MINIMAL = `# as of mmdebstrap
no-debsig
path-exclude=/usr/share/man/*
path-exclude /usr/share/doc/*
path-include=/usr/share/doc/*/copyright
path-exclude = "/usr/share/locale/[!e]*"
log /var/log/dpkg.log
`;

for (const [path, left] of [
  ['/usr/share/man/man1/mmcli.1.gz', true],
  ['/usr/share/manual', false],
  ['/usr/share/doc/modemmanager/NEWS.gz', true],
  ['/usr/share/doc/modemmanager/copyright', false],
  ['/usr/share/locale/de/LC_MESSAGES/ModemManager.mo', true],
  ['/usr/share/locale/en/LC_MESSAGES/ModemManager.mo', false],
  ['/usr/sbin/ModemManager', false],
] as const) {
  test(`dpkg ${left ? 'leaves out' : 'unpacks'} ${path}`, () => {
    assert.equal(isLeftOut(parsePathFilters(['', MINIMAL]), path), left);
  });
}

test('a later file of settings decides, and without settings everything is unpacked', () => {
  const later = ['path-exclude=/usr/share/doc/*', 'path-include=/usr/share/doc/*'];
  assert.equal(isLeftOut(parsePathFilters(later), '/usr/share/doc/x'), false);
  assert.equal(isLeftOut(parsePathFilters(later.toReversed()), '/usr/share/doc/x'), true);
  assert.equal(isLeftOut([], '/usr/share/doc/x'), false);
});
