import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCarrierClient } from '../../../helpers/carrier-client.ts';

/** A network that tries three ports, and a Pi that has just fetched a page. */
function startScan() {
  const client = createCarrierClient({ network: { scan: [22, 80, 443] } });
  client.log.record({ type: 'http', method: 'GET', host: '', path: '/', status: 200 });
  const takeSyns = () => {
    client.clock.advance(1000);
    const segments = Array.from({ length: client.frames.length }, () => client.takeTcp());
    assert.ok(segments.every((segment) => segment?.flags === 'S'));
    return segments.flatMap((segment) => segment ?? []);
  };
  const scans = () => client.log.events.filter((event) => event.type === 'scan');
  return { client, takeSyns, scans };
}

test('each port gets a SYN, again while it is silent, and what it says is told', () => {
  const { client, takeSyns, scans } = startScan();
  const [ssh, http] = takeSyns();
  assert.ok(ssh?.to === 22 && http?.to === 80);
  const back = { sequence: 7, acknowledgement: ssh.sequence + 1, data: '' };
  client.tcp({ ...back, from: 22, to: ssh.from, flags: 'SA' });
  const closing = client.takeTcp();
  assert.deepEqual([closing?.to, closing?.flags, closing?.sequence], [22, 'R', ssh.sequence + 1]);
  client.tcp({ ...back, from: 80, to: http.from, flags: 'RA' });
  assert.deepEqual(
    [takeSyns(), takeSyns()].map((segments) => segments.map(({ to }) => to)),
    [[443], [443]],
    'and only the silent one',
  );
  assert.deepEqual(takeSyns(), []);
  const [scan, ...others] = scans();
  assert.deepEqual(others, []);
  assert.ok(scan?.type === 'scan');
  assert.equal(scan.target, '10.64.64.10');
  assert.deepEqual(
    scan.ports.map(({ port, answer }) => [port, answer]),
    [
      [22, 'open'],
      [80, 'refused'],
      [443, 'none'],
    ],
  );
});

test('it is done once; a link that went away in between gets it again', () => {
  const { client, takeSyns, scans } = startScan();
  const fetchPage = () =>
    client.log.record({ type: 'http', method: 'GET', host: '', path: '/', status: 200 });
  assert.equal(takeSyns().length, 3);
  client.carrier.reset();
  assert.deepEqual(takeSyns(), []);
  fetchPage();
  for (let turn = 0; turn < 4; turn++) takeSyns();
  assert.equal(scans().length, 1);
  fetchPage();
  assert.deepEqual(takeSyns(), []);
});

test('a network without ports to try tries none', () => {
  const client = createCarrierClient();
  client.log.record({ type: 'http', method: 'GET', host: '', path: '/', status: 200 });
  client.clock.advance(10_000);
  assert.deepEqual(client.frames, []);
});
