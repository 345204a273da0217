import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitPlace, parsePlace } from '../../../src/guided/read-place.ts';

test('the place of a machine is what it says; UTC, C and nonsense say nothing', () => {
  const rows = [
    [{ LANG: 'de_DE.UTF-8' }, 'Europe/Berlin', 'XKBLAYOUT="de"\n', 'Europe/Berlin de_DE.UTF-8 de'],
    [{ LANG: 'de_DE.UTF-8', LC_ALL: 'fr_FR.utf8' }, 'Etc/UTC', 'XKBLAYOUT=fr,us', 'fr_FR.UTF-8 fr'],
    [{ LANG: 'C.UTF-8' }, 'UTC', '', ''],
    [{ LANG: 'de_DE@euro' }, 'GMT', 'XKBLAYOUT="$(reboot)"', ''],
    [{}, undefined, 'XKBMODEL="pc105"', ''],
  ] as const;
  for (const [env, zone, keyboard, wanted] of rows) {
    assert.equal(Object.values(parsePlace(env, zone, keyboard)).join(' '), wanted);
  }
});

test('debian-bookworm takes no more than the time zone', () => {
  const place = { timezone: 'Europe/Berlin', locale: 'de_DE.UTF-8', keyboard: 'de' };
  assert.deepEqual(fitPlace(place, 'raspbian-stretch'), place);
  assert.deepEqual(fitPlace(place, 'debian-bookworm'), { timezone: 'Europe/Berlin' });
  assert.deepEqual(fitPlace({ locale: 'de_DE.UTF-8' }, 'debian-bookworm'), {});
});
