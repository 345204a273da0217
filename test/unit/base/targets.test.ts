import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findTarget, TARGETS } from '../../../src/base/targets.ts';
import { InputError } from '../../../src/core/errors.ts';

describe('findTarget', () => {
  it('finds every supported release by id, codename and architecture', () => {
    for (const target of TARGETS) {
      assert.equal(
        findTarget({ id: target.osId, codename: target.codename, prettyName: 'x' }, target.architecture),
        target,
      );
    }
  });

  it('refuses another release, listing the supported ones', () => {
    assert.throws(
      () =>
        findTarget(
          { id: 'raspbian', codename: 'buster', prettyName: 'Raspbian GNU/Linux 10 (buster)' },
          'armhf',
        ),
      (error: unknown) => {
        assert.ok(error instanceof InputError);
        assert.match(error.message, /Raspbian GNU\/Linux 10 \(buster\)/);
        assert.match(error.hint ?? '', /Raspbian 9 \(stretch\), Debian 12 \(bookworm\)/);
        return true;
      },
    );
  });
});
