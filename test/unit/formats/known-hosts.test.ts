import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import {
  evaluateHostKey,
  formatKnownHost,
  keyFingerprint,
  knownHostName,
  knownKeyTypes,
  matchesHost,
  parseKnownHosts,
  readKeyType,
} from '../../../src/formats/known-hosts.ts';

const folder = mkdtempSync(join(tmpdir(), 'wwanpi-known-hosts-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function keygen(...args: string[]): { status: number | null; stdout: string } {
  return spawnSync('ssh-keygen', args, { encoding: 'utf8' });
}

const hasKeygen = keygen('-?').status !== null;
const skip = hasKeygen ? false : 'ssh-keygen is missing: apt-get install openssh-client';

/** The public keys of new key pairs as `type blob`. */
function makeKeys(...types: string[]): string[] {
  return types.map((type) => {
    const path = join(folder, `key-${randomBytes(4).toString('hex')}`);
    keygen('-q', '-t', type, '-N', '', '-f', path, ...(type === 'rsa' ? ['-b', '2048'] : []));
    return readFileSync(`${path}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
  });
}

const [ed = '', ed2 = '', rsa = '', ecdsa = ''] = hasKeygen
  ? makeKeys('ed25519', 'ed25519', 'rsa', 'ecdsa')
  : [];
const blobOf = (key: string) => Buffer.from(key.split(' ')[1] ?? '', 'base64');

const LINES = [
  '# a comment',
  `example.org ${ed}`,
  `example.org,192.0.2.7 ${rsa} with a comment`,
  '',
  `[example.org]:2222 ${ecdsa}`,
  `  *.example.net,!bad.example.net ${ed2}`,
  `host?.lan\t${ed}`,
  `@revoked example.org ${ed2}`,
  `@cert-authority *.example.com ${rsa}`,
  `Upper.Example.ORG ${ecdsa}`,
  `[2001:db8::1]:22022 ${ed}`,
  `2001:db8::2 ${ed}`,
];
/** ssh itself passes over these; ssh-keygen -H refuses a file that has one. */
const UNUSABLE = [
  'old.example.org 1024 35 1234567890',
  `broken.example.org ssh-ed25519 ${Buffer.from('no key').toString('base64')}`,
  `@bogus example.org ${ecdsa}`,
];
const NAMES = [
  'example.org',
  '192.0.2.7',
  '[example.org]:2222',
  '[example.org]:22',
  'www.example.net',
  'bad.example.net',
  'example.net',
  'host1.lan',
  'host12.lan',
  'a.example.com',
  'upper.example.org',
  '[2001:db8::1]:22022',
  '2001:db8::2',
  'nowhere.example',
];

/** The numbers of the lines that ssh-keygen -F finds. */
function findByKeygen(file: string, name: string): number[] {
  const { stdout } = keygen('-F', name, '-f', file);
  return [...stdout.matchAll(/^# Host .* found: line (\d+)/gm)].map((match) => Number(match[1]));
}

test('finds the lines that ssh-keygen -F finds, plain and hashed by ssh-keygen -H', { skip }, () => {
  const file = join(folder, 'known_hosts');
  for (const isHashed of [false, true]) {
    writeFileSync(file, `${LINES.join('\n')}\n`);
    if (isHashed) {
      keygen('-H', '-f', file);
      const text = readFileSync(file, 'utf8');
      assert.ok((text.match(/^\|1\|/gm) ?? []).length >= 6, text);
      assert.ok(!text.includes('\nexample.org'), text);
    }
    const hosts = parseKnownHosts(readFileSync(file, 'utf8'));
    let found = 0;
    for (const name of NAMES) {
      const ours = hosts.filter((host) => matchesHost(host.hosts, name)).map(({ line }) => line);
      assert.deepEqual(ours, findByKeygen(file, name), `${name}, hashed: ${isHashed}`);
      found += ours.length;
    }
    assert.ok(found >= 11, `${found} found, hashed: ${isHashed}`);
  }
});

test('skips lines that are not usable', () => {
  assert.deepEqual(parseKnownHosts(UNUSABLE.join('\n')), []);
});

test('finds a key known, changed, revoked or unknown', { skip }, () => {
  const hosts = parseKnownHosts(LINES.join('\n'));
  const kindOf = (name: string, key: string) => evaluateHostKey(hosts, name, blobOf(key)).kind;
  assert.equal(kindOf('example.org', ed), 'known');
  assert.equal(kindOf('example.org', rsa), 'known');
  assert.equal(kindOf('example.org', ed2), 'revoked');
  assert.equal(kindOf('192.0.2.7', rsa), 'known');
  assert.deepEqual(evaluateHostKey(hosts, '192.0.2.7', blobOf(ed)), {
    kind: 'unknown',
    knownTypes: ['ssh-rsa'],
  });
  assert.equal(kindOf('www.example.net', ed), 'changed');
  assert.equal(kindOf('www.example.net', ed2), 'known');
  assert.deepEqual(evaluateHostKey(hosts, 'bad.example.net', blobOf(ed2)), {
    kind: 'unknown',
    knownTypes: [],
  });
  // A certificate authority's key is not a host key.
  assert.equal(kindOf('a.example.com', rsa), 'unknown');
  assert.deepEqual(knownKeyTypes(hosts, 'example.org'), ['ssh-ed25519', 'ssh-rsa']);
  // A key that is revoked in one line is bad even where another line knows it.
  const both = parseKnownHosts(`h ${ed}\n@revoked * ${ed}\n`);
  assert.equal(evaluateHostKey(both, 'h', blobOf(ed)).kind, 'revoked');
  // The only line of its type is revoked: the key has not changed.
  const revoked = parseKnownHosts(`@revoked h ${ed}\n`);
  assert.deepEqual(evaluateHostKey(revoked, 'h', blobOf(ed2)), { kind: 'unknown', knownTypes: [] });
});

test('fingerprints are those of ssh-keygen -l', { skip }, () => {
  for (const key of [ed, rsa, ecdsa]) {
    const file = join(folder, 'key.pub');
    writeFileSync(file, `${key}\n`);
    assert.equal(keyFingerprint(blobOf(key)), keygen('-l', '-f', file).stdout.split(' ')[1]);
  }
});

test('names have the port where it is not 22, as ssh writes them', () => {
  assert.equal(knownHostName('Example.ORG', 22), 'example.org');
  assert.equal(knownHostName('example.org', 2222), '[example.org]:2222');
  assert.equal(knownHostName('2001:DB8::1', 2222), '[2001:db8::1]:2222');
});

test('the line that is offered makes the key known, to ssh-keygen too', { skip }, () => {
  const line = formatKnownHost('[example.org]:2222', blobOf(rsa));
  const file = join(folder, 'offered');
  writeFileSync(file, `${line}\n`);
  assert.deepEqual(findByKeygen(file, '[example.org]:2222'), [1]);
  assert.equal(evaluateHostKey(parseKnownHosts(line), '[example.org]:2222', blobOf(rsa)).kind, 'known');
});

test('no text makes it throw or take long, and a hashed name matches only itself', () => {
  const text = fc.string({ unit: fc.constantFrom(...'|1=@#*?!,. \t\nab[]:AAA'), maxLength: 60 });
  fc.assert(
    fc.property(text, text, fc.uint8Array({ maxLength: 40 }), (lines, name, bytes) => {
      const hosts = parseKnownHosts(lines);
      assert.equal(evaluateHostKey(hosts, name, Buffer.from(bytes)).kind, 'unknown');
      matchesHost(lines, name);
      readKeyType(Buffer.from(bytes));
    }),
  );
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (name, other) => {
      const salt = randomBytes(20);
      const hash = createHmac('sha1', salt).update(name).digest('base64');
      assert.equal(matchesHost(`|1|${salt.toString('base64')}|${hash}`, other), name === other);
    }),
  );
  // Quadratic at most: a recursive matcher would not end.
  assert.equal(matchesHost(`${'*a'.repeat(30)}b`, 'a'.repeat(5000)), false);
});
