import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Environment } from '../../../src/core/environment.ts';
import { createPaint } from '../../../src/formats/colour.ts';

const GREEN = '\u001b[32mok\u001b[39m';

const cases: readonly [isTTY: boolean | undefined, environment: Environment, shown: string][] = [
  [true, {}, GREEN],
  [true, { TERM: 'xterm' }, GREEN],
  [true, { TERM: 'dumb' }, 'ok'],
  [true, { NO_COLOR: '1' }, 'ok'],
  // no-color.org: "when present and not an empty string"
  [true, { NO_COLOR: '' }, GREEN],
  [false, {}, 'ok'],
  [undefined, {}, 'ok'],
  [false, { FORCE_COLOR: '1' }, GREEN],
  [true, { FORCE_COLOR: '0' }, 'ok'],
  [true, { FORCE_COLOR: 'false' }, 'ok'],
  [true, { FORCE_COLOR: '' }, GREEN],
  [false, { FORCE_COLOR: '1', NO_COLOR: '1' }, GREEN],
];

for (const [isTTY, environment, shown] of cases) {
  test(`isTTY ${isTTY}, ${JSON.stringify(environment)}: ${JSON.stringify(shown)}`, () => {
    assert.equal(createPaint({ isTTY }, environment)('good', 'ok'), shown);
  });
}

test('nothing is painted where there is nothing', () => {
  assert.equal(createPaint({ isTTY: true }, {})('quiet', ''), '');
});
