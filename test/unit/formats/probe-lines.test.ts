import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  parseProbeLine,
  parseResolv,
  parseResources,
  parseRoutes,
  parseUnits,
} from '../../../src/formats/probe-lines.ts';

test('a line is uptime, kind and text', () => {
  assert.deepEqual(parseProbeLine('12.34\tdns\tok 10.64.64.9'), {
    uptimeSeconds: 12.34,
    kind: 'dns',
    text: 'ok 10.64.64.9',
  });
  for (const bad of ['', 'dns\tok', '12\tdns\tok', '1.2\tDNS\tok', '1.2 dns ok'])
    assert.equal(parseProbeLine(bad), undefined, bad);
});

test('routes come preferred first, addresses the way people write them', () => {
  assert.deepEqual(parseRoutes('wwan0 0940400A 700\x1eeth0 0202000A 202\x1e'), [
    { device: 'eth0', gateway: '10.0.2.2', metric: 202 },
    { device: 'wwan0', gateway: '10.64.64.9', metric: 700 },
  ]);
  assert.deepEqual(parseRoutes(''), []);
});

test('units are apart by an empty line', () => {
  const text =
    'Id=a.service\x1eActiveState=active\x1eSubState=running\x1eResult=success\x1e\x1eId=b.target\x1eActiveState=inactive\x1eSubState=dead\x1e';
  assert.deepEqual(parseUnits(text), [
    { name: 'a.service', active: 'active', sub: 'running', result: 'success' },
    { name: 'b.target', active: 'inactive', sub: 'dead', result: '' },
  ]);
});

test('a unit that stays active after its program failed has failed', () => {
  const unit = (result: string) =>
    `Id=ifup@wwan0.service\x1eActiveState=active\x1eSubState=exited\x1eResult=${result}\x1e`;
  assert.equal(parseUnits(unit('exit-code'))[0]?.active, 'failed');
  assert.equal(parseUnits(unit('success'))[0]?.active, 'active');
});

test('what there is of everything; of the supervisor, where there is one', () => {
  const all = 'available_kb=900000 system_switches=5000 system_forks=300';
  const own = 'supervisor_files=4 supervisor_kb=3100 supervisor_wakeups=42 supervisor_ticks=250';
  const system = { processes: 70, files: 800, availableKb: 900_000, switches: 5000, forks: 300 };
  assert.deepEqual(parseResources(`processes=70 files=800 ${all}`), { ...system, supervisor: undefined });
  assert.deepEqual(parseResources(`processes=70 files=800 ${all} ${own}`)?.supervisor, {
    files: 4,
    kb: 3100,
    wakeups: 42,
    processorSeconds: 2.5,
  });
  assert.equal(parseResources('processes=70'), undefined);
});

test('resolv.conf is whole again', () => {
  assert.equal(parseResolv('# x\x1enameserver 1.1.1.1\x1e'), '# x\nnameserver 1.1.1.1\n');
});

test('no output of a broken guest makes it throw', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      parseProbeLine(text);
      parseRoutes(text);
      parseUnits(text);
      parseResources(text);
    }),
  );
});
