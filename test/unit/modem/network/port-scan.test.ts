import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCarrierClient } from '../../../helpers/carrier-client.ts';

/** A network that tries three ports, and a Pi that has just fetched a page. */
function startScan(scanRefusedForMs?: number) {
  const client = createCarrierClient({ network: { scan: [22, 80, 443], scanRefusedForMs } });
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

/** What the Pi's kernel says to a SYN, and what a server there sends first. */
function createPi(client: ReturnType<typeof startScan>['client']) {
  return (port: number, from: number, flags: string, data = '', sequence = 7) =>
    client.tcp({ from: port, to: from, flags, sequence, acknowledgement: 0x2000_0001, data });
}

test('each port gets a SYN, again while it is silent, and what it says is told', () => {
  const { client, takeSyns, scans } = startScan(30_000);
  const say = createPi(client);
  const [ssh, http] = takeSyns();
  assert.ok(ssh?.to === 22 && http?.to === 80);
  say(22, ssh.from, 'SA');
  const answer = client.takeTcp();
  assert.deepEqual([answer?.to, answer?.flags, answer?.acknowledgement], [22, 'A', 8]);
  say(22, ssh.from, 'PA', 'SSH-2.0-Open\x1bSSH_9\r\nmore', 8);
  const closing = client.takeTcp();
  assert.deepEqual([closing?.to, closing?.flags, closing?.sequence], [22, 'R', ssh.sequence + 1]);
  say(80, http.from, 'RA');
  const tried = [takeSyns(), takeSyns()].map((segments) => segments.map(({ to }) => to));
  assert.deepEqual(tried, [
    [80, 443],
    [80, 443],
  ]);
  for (let turn = 3; turn < 30; turn++) {
    assert.deepEqual(
      takeSyns().map(({ to }) => to),
      [80],
      `${turn}: a service may still be starting`,
    );
  }
  assert.deepEqual(takeSyns(), []);
  const [scan, ...others] = scans();
  assert.deepEqual(others, []);
  assert.ok(scan?.type === 'scan');
  assert.equal(scan.target, '10.64.64.10');
  assert.deepEqual(scan.ports, [
    { port: 22, answer: 'open', greeting: 'SSH-2.0-Open·SSH_9' },
    { port: 80, answer: 'refused' },
    { port: 443, answer: 'none' },
  ]);
});

test('a port that is refused at first and then taken is open; a server that says nothing has five seconds', () => {
  const { client, takeSyns, scans } = startScan();
  const say = createPi(client);
  const [ssh] = takeSyns();
  say(22, ssh?.from ?? 0, 'RA');
  takeSyns();
  say(22, ssh?.from ?? 0, 'SA');
  assert.equal(client.takeTcp()?.flags, 'A');
  takeSyns();
  for (let turn = 0; turn < 3; turn++) assert.deepEqual(takeSyns(), []);
  client.clock.advance(1000);
  assert.equal(client.takeTcp()?.flags, 'R');
  const [scan] = scans();
  assert.deepEqual(scan?.type === 'scan' && scan.ports[0], { port: 22, answer: 'open' });
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
