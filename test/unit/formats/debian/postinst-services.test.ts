import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findServices } from '../../../../src/formats/debian/postinst-services.ts';

const CONFIGURE =
  'if [ "$1" = "configure" ] || [ "$1" = "abort-upgrade" ] || [ "$1" = "abort-deconfigure" ] || [ "$1" = "abort-remove" ] ; then';
const enable = (name: string) => `${CONFIGURE}
	# The following line should be removed in trixie or trixie+1
	deb-systemd-helper unmask '${name}' >/dev/null || true
	if deb-systemd-helper --quiet was-enabled '${name}'; then
		deb-systemd-helper enable '${name}' >/dev/null || true
	else
		deb-systemd-helper update-state '${name}' >/dev/null || true
	fi
fi
`;
const HEAD = '#!/bin/sh\nset -e\n';

test('a postinst of debhelper turns on its services and does nothing else', () => {
  assert.deepEqual(findServices(`${HEAD}\n`), []);
  assert.deepEqual(findServices(`${HEAD}${enable('a.service')}`), ['a.service']);
  assert.deepEqual(findServices(`${HEAD}${enable('a.service')}# more\n${enable('b-c.service')}`), [
    'a.service',
    'b-c.service',
  ]);
});

for (const [what, script] of [
  ['another interpreter', `#!/usr/bin/perl\nset -e\n`],
  ['no set -e', '#!/bin/sh\n'],
  ['a command after the block', `${HEAD}${enable('a.service')}rm -rf /\n`],
  ['a command before it', `${HEAD}true\n${enable('a.service')}`],
  ['a command in its line', `${HEAD}${enable('a.service').replace('>/dev/null', '; id >/dev/null')}`],
  ['two names in one block', `${HEAD}${enable('a.service').replace("enable 'a", "enable 'b")}`],
  ['a name that is none', `${HEAD}${enable('$(id).service')}`],
  ['a path', `${HEAD}${enable('../a.service')}`],
  ['another condition', `${HEAD}${enable('a.service').replace('"abort-remove"', '"x"')}`],
] as const) {
  test(`a postinst with ${what} can only be run`, () => assert.equal(findServices(script), undefined));
}
