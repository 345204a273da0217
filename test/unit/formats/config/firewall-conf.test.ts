import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BugError } from '../../../../src/core/errors.ts';
import { findPort, parseAllowed, quotePorts } from '../../../../src/formats/config/firewall-conf.ts';

test('a port is a service by name, or a number and its protocol', () => {
  assert.deepEqual(['ssh', 'http', 'https', '1/tcp', '65535/udp'].map(findPort), [
    '22/tcp',
    '80/tcp',
    '443/tcp',
    '1/tcp',
    '65535/udp',
  ]);
  const wrong = [
    '',
    '22',
    '0/tcp',
    '65536/tcp',
    '022/tcp',
    '22/TCP',
    '22/sctp',
    ' 22/tcp',
    '22/tcp\n',
    'telnet',
  ];
  for (const word of [...wrong, 'constructor', '__proto__']) assert.equal(findPort(word), undefined, word);
});

test('whatever is taken can be read back, and nothing else goes into the file', () => {
  const port = fc
    .tuple(fc.integer({ min: 1, max: 65_535 }), fc.constantFrom('tcp', 'udp'))
    .map(([number, protocol]) => `${number}/${protocol}`);
  fc.assert(
    fc.property(fc.array(port), (ports) => {
      assert.deepEqual(parseAllowed(`# ports\nALLOW=${quotePorts(ports)}\n`), ports);
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(findPort(text) !== text);
      assert.throws(() => quotePorts([text]), BugError);
    }),
  );
});
