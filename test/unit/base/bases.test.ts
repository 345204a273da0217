import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BASES,
  DEFAULT_BASE,
  downloadUrls,
  findBase,
  findDownload,
  USUAL_BASES,
} from '../../../src/base/bases.ts';
import type { DownloadedBase } from '../../../src/base/named-base.ts';
import { isUnsupported, warnUnsupported } from '../../../src/base/support.ts';
import { findTarget } from '../../../src/base/targets.ts';
import { silentReporter } from '../../../src/core/reporter.ts';

const DOWNLOADS = BASES.filter((base) => base.kind === 'download');

function getDownload(name: string): DownloadedBase {
  const base = findBase(name);
  assert.ok(base?.kind === 'download');
  return base;
}

test('every name and every hash stands once, and the default is the first', () => {
  assert.equal(BASES[0]?.name, DEFAULT_BASE);
  assert.equal(new Set(BASES.map(({ name }) => name)).size, BASES.length);
  assert.equal(new Set(DOWNLOADS.map(({ sha256 }) => sha256)).size, DOWNLOADS.length);
  for (const { sha256 } of DOWNLOADS) assert.match(sha256, /^[0-9a-f]{64}$/);
});

test('the addresses are those that Raspberry Pi publishes under', () => {
  const path = (name: string) => downloadUrls(getDownload(name), undefined)[0];
  const root = 'https://downloads.raspberrypi.com';
  assert.equal(
    path('raspios-trixie-2026-06-18'),
    `${root}/raspios_lite_arm64/images/raspios_lite_arm64-2026-06-19/2026-06-18-raspios-trixie-arm64-lite.img.xz`,
  );
  assert.equal(
    path('raspios-bookworm'),
    `${root}/raspios_oldstable_lite_arm64/images/raspios_oldstable_lite_arm64-2026-09-15/2026-09-15-raspios-bookworm-arm64-lite.img.xz`,
  );
  // Bookworm was the newest release then.
  assert.equal(
    path('raspios-bookworm-armhf'),
    `${root}/raspios_lite_armhf/images/raspios_lite_armhf-2025-05-13/2025-05-13-raspios-bookworm-armhf-lite.img.xz`,
  );
  assert.equal(
    path('raspbian-stretch'),
    `${root}/raspbian_lite/images/raspbian_lite-2019-04-09/2019-04-08-raspbian-stretch-lite.zip`,
  );
});

test('a name without a date is the newest image of its release, and people choose from those names', () => {
  for (const base of DOWNLOADS.filter(({ earlierOf }) => earlierOf !== undefined)) {
    const newest = getDownload(base.earlierOf ?? '');
    const date = (each: DownloadedBase) => /\/(\d{4}-\d{2}-\d{2})-/.exec(each.path)?.[1] ?? '';
    assert.ok(date(newest) > date(base), base.name);
    assert.ok(base.name.endsWith(date(base)), base.name);
    assert.deepEqual([newest.architecture, newest.models], [base.architecture, base.models]);
    assert.ok(!USUAL_BASES.includes(base.name));
  }
  assert.ok(USUAL_BASES.every((name) => !/\d{4}-/.test(name)));
});

test('every base is of a release that images can be made from, and dials as that release does', () => {
  for (const { name, codename, architecture, models, stack } of BASES) {
    const id = architecture === 'armhf' && !name.startsWith('debian-') ? 'raspbian' : 'debian';
    const target = findTarget({ id, codename, prettyName: name }, architecture);
    // NetworkManager calls with the release's own libqmi; for ifupdown wwanpi compiles one.
    assert.equal(target.kind, stack === 'networkmanager' ? 'stock' : 'compiled', name);
    for (const model of target.models) assert.ok(models.includes(model), `${name} ${model}`);
  }
});

test('a file is known by its hash, whatever it is called', () => {
  const { sha256, name } = getDownload('raspios-trixie');
  assert.equal(findDownload(['0'.repeat(64), sha256])?.name, name);
  assert.equal(findDownload(['0'.repeat(64)]), undefined);
});

test('support ends with the end of its last day', () => {
  assert.ok(isUnsupported('stretch', new Date('2026-11-30T10:00:00Z')));
  assert.ok(!isUnsupported('trixie', new Date('2030-06-30T23:59:59Z')));
  assert.ok(isUnsupported('trixie', new Date('2030-07-01T00:00:00Z')));
  assert.ok(!isUnsupported('a release that nobody knows', new Date('2099-01-01')));
});

test('a build says in one line that its base gets no more updates', () => {
  const warnings: string[] = [];
  const report = { ...silentReporter, warn: (text: string) => warnings.push(text) };
  const now = new Date('2026-11-30T10:00:00Z');
  warnUnsupported({ report }, { id: 'debian', codename: 'trixie', prettyName: 'Debian 13' }, now);
  warnUnsupported({ report }, { id: 'raspbian', codename: 'stretch', prettyName: 'Raspbian 9' }, now);
  assert.deepEqual(warnings, [
    'Raspbian 9 has had no security updates since 2022-06-30; wwanpi bases lists newer ones',
  ]);
});
