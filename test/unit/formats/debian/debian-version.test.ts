import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareVersions, upstreamVersion } from '../../../../src/formats/debian/debian-version.ts';
import { createExec } from '../../../../src/tools/exec.ts';

const exec = createExec({ signal: new AbortController().signal });

/** In dpkg's order, which the second test asks dpkg itself about. */
const ORDERED = [
  '1.0~rc1',
  '1.0~rc1-1',
  '1.0',
  '1.0-1',
  '1.0-1+b1',
  '1.0a',
  '1.0+dfsg',
  '1.2',
  '1.10',
  '1.16.0-1',
  '1.16.0-1+wwanpi1',
  '1.16.0-1+wwanpi2',
  '1.16.0-2',
  '1.16.2-1',
  '2.50.3-2+deb9u2',
  '1:0.1',
];

describe('compareVersions', () => {
  it('sorts as dpkg does', async () => {
    for (let index = 1; index < ORDERED.length; index++) {
      const [older = '', newer = ''] = [ORDERED[index - 1], ORDERED[index]];
      assert.ok(compareVersions(older, newer) < 0, `${older} < ${newer}`);
      assert.ok(compareVersions(newer, older) > 0, `${newer} > ${older}`);
      await exec(['dpkg', '--compare-versions', older, 'lt', newer]);
    }
    assert.equal(compareVersions('1.02', '1.2'), 0);
  });
});

describe('upstreamVersion', () => {
  it('leaves epoch and revision out', () => {
    assert.equal(upstreamVersion('1:2.50.3-2+deb9u2'), '2.50.3');
    assert.equal(upstreamVersion('1.2-rc-3'), '1.2-rc');
  });
});
