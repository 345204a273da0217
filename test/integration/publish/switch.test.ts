import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { VerificationError } from '../../../src/core/errors.ts';
import { HISTORY_NAME, parseHistory } from '../../../src/formats/release-files/release-history.ts';
import { publishTo } from '../../helpers/publish.ts';
import { fillRelease, hashFolder, makeRelease, sha256 } from '../../helpers/release-folder.ts';
import { sshServerLack, startSshServer } from '../../helpers/ssh-server.ts';
import { startProxy } from '../../helpers/tcp-proxy.ts';
import { waitFor } from '../../helpers/wait-for.ts';

const skip = sshServerLack() ?? false;

/**
 * What a web server's visitor sees: looks at SHA256SUMS, at every file it lists, and at SHA256SUMS again. Where that is
 * still the same file, all must have been as it said.
 */
async function look(target: string): Promise<'whole' | 'none' | 'switched'> {
  const path = join(target, 'SHA256SUMS');
  const read = async () => {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    return text === undefined ? undefined : { text, inode: (await stat(path).catch(() => undefined))?.ino };
  };
  const before = await read();
  if (before === undefined) return 'none';
  const wrong: string[] = [];
  for (const line of before.text.split('\n').slice(0, -1)) {
    const bytes = await readFile(join(target, line.slice(66))).catch(() => undefined);
    if (bytes === undefined || sha256(bytes) !== line.slice(0, 64)) wrong.push(line);
  }
  const after = await read();
  if (before.inode !== after?.inode || before.text !== after?.text) return 'switched';
  assert.deepEqual(wrong, [], 'a half release was seen');
  return 'whole';
}

for (const [what, getNames] of [
  ['new names', (round: number) => `v${round}`],
  ['the same names', () => 'image'],
] as const) {
  test(`a rival reader never sees a half release: ${what}, over a line that breaks`, { skip }, async (t) => {
    const server = await startSshServer(t);
    const folder = await makeRelease(t, {});
    const makeRound = async (round: number) => {
      await rm(folder, { recursive: true });
      const files = [0, 1, 2, 3, 4].map((i) => [`${getNames(round)}-${i}.img`, 20_000 + i] as const);
      await fillRelease(folder, Object.fromEntries(files), { 'SHA256SUMS.asc': `signature ${round}` });
    };
    await makeRound(0);
    await publishTo(t, server, folder);
    const seen = { whole: 0, none: 0, switched: 0 };
    let looks = 0;
    let isDone = false;
    const reader = (async () => {
      while (!isDone) {
        seen[await look(server.target)] += 1;
        looks += 1;
        // The publisher is in this process and needs its turn.
        await delay(1);
      }
    })();
    reader.catch(() => (looks = Number.POSITIVE_INFINITY));
    // However slow this machine, nothing reaches the server before another look has ended.
    const beforeEach = async () => {
      const before = looks;
      await waitFor('a look', () => isDone || looks > before, { everyMs: 1 });
    };
    for (const round of [1, 2]) {
      await makeRound(round);
      const cutAfterBytes = [30_000 * round, 25_000];
      const proxy = await startProxy(t, server.port, { cutAfterBytes, beforeEach });
      await publishTo(t, server, folder, { port: proxy.port });
    }
    isDone = true;
    await reader;
    t.diagnostic(JSON.stringify(seen));
    assert.ok(seen.whole > 5);
    // With new names the old list is right until the new one is there.
    if (what === 'new names') assert.equal(seen.none, 0);
    assert.equal(await look(server.target), 'whole');
  });
}

test('cut at any request of the switch, the next run ends it', { skip }, async (t) => {
  const server = await startSshServer(t);
  const files = (round: number) => ({
    a: `a${round}`,
    b: `b${round}`,
    c: `c${round}`,
    [`only${round}`]: 'x',
  });
  const folder = await makeRelease(t, files(0));
  const uncut = await startProxy(t, server.port);
  await publishTo(t, server, folder, { port: uncut.port });
  // The switch is the last of what is sent: it is cut ever later in that.
  const ROUNDS = 12;
  let cuts = 0;
  for (let round = 1; round <= ROUNDS; round += 1) {
    await rm(folder, { recursive: true });
    await fillRelease(folder, files(round));
    const proxy = await startProxy(t, server.port, {
      cutAfterBytes: [Math.round(uncut.passedBytes() * (0.6 + (0.6 * round) / ROUNDS))],
    });
    await publishTo(t, server, folder, { port: proxy.port, retries: 0 }).catch(() => (cuts += 1));
    const state = await look(server.target);
    assert.ok(state === 'whole' || state === 'none', state);
    await publishTo(t, server, folder);
    assert.equal(await look(server.target), 'whole');
    const { [`only${round}`]: _, ...expected } = await hashFolder(folder);
    const found = await hashFolder(server.target);
    assert.deepEqual({ ...found, ...expected }, found);
    assert.deepEqual(
      Object.keys(found).filter((name) => name.endsWith('.part')),
      [],
    );
    const history = parseHistory(await readFile(join(server.target, HISTORY_NAME), 'utf8'));
    assert.ok(
      history?.every(({ isPublished }) => isPublished),
      'every release came to be published',
    );
  }
  t.diagnostic(`${cuts} of ${ROUNDS} were cut`);
  assert.ok(cuts >= 4, String(cuts));
});

test('an earlier signature goes with the release it was of', { skip }, async (t) => {
  const server = await startSshServer(t);
  await publishTo(
    t,
    server,
    await makeRelease(t, { a: '1' }, { 'SHA256SUMS.asc': 's', 'SHA256SUMS.minisig': 'm' }),
  );
  await writeFile(join(server.target, 'SHA256SUMS.sig'), 'unknown to us');
  const folder = await makeRelease(t, { a: '2' }, { 'SHA256SUMS.asc': 's2' });
  await publishTo(t, server, folder);
  assert.deepEqual(await hashFolder(server.target), {
    ...(await hashFolder(folder)),
    'SHA256SUMS.sig': sha256(Buffer.from('unknown to us')),
  });
});

test('--prune keeps the newest releases and touches nothing that is not ours', { skip }, async (t) => {
  const server = await startSshServer(t);
  await writeFile(join(server.target, 'theirs.img'), 'not ours');
  const publish = async (files: Record<string, string>, prune?: number, dryRun = false) =>
    publishTo(t, server, await makeRelease(t, files), { prune, dryRun });
  await publish({ '1.img': 'one', both: 'x', replaced: 'by us' });
  await publish({ '2.img': 'two', both: 'x' });
  await writeFile(join(server.target, 'replaced'), 'by somebody');
  // Begun and never finished: its part is ours too.
  const cut = await startProxy(t, server.port, { cutAfterBytes: [500_000] });
  const never = await makeRelease(t, { 'never.img': 1_000_000 });
  await publishTo(t, server, never, { port: cut.port, retries: 0 }).catch(() => undefined);
  assert.ok(existsSync(join(server.target, 'never.img.part')));
  const expected = ['1.img', 'never.img.part'];
  // sshd may still be writing what came before the cut.
  const withoutPart = async () => ({ ...(await hashFolder(server.target)), 'never.img.part': '' });
  const before = await withoutPart();
  const planned = await publish({ '3.img': 'three' }, 2, true);
  assert.deepEqual([planned.removed, planned.sent], [expected, ['3.img', 'SHA256SUMS']]);
  assert.deepEqual(await withoutPart(), before);
  const warnings: string[] = [];
  const folder = await makeRelease(t, { '3.img': 'three' });
  const done = await publishTo(t, server, folder, { prune: 2, warnings });
  assert.deepEqual(done.removed, expected);
  assert.match(warnings.join(), /replaced was changed after it was published/);
  const names = ['2.img', '3.img', 'SHA256SUMS', 'both', 'replaced', 'theirs.img'];
  assert.deepEqual(Object.keys(await hashFolder(server.target)), names);
  const last = await publishTo(t, server, folder, { prune: 1 });
  assert.deepEqual([last.removed, last.sent], [['2.img', 'both'], []]);
  // A file that is already removed does not matter.
  await unlink(join(server.target, '3.img'));
  await publish({ '4.img': 'four' }, 1);
  assert.deepEqual(Object.keys(await hashFolder(server.target)), [
    '4.img',
    'SHA256SUMS',
    'replaced',
    'theirs.img',
  ]);
});

test('a dry run changes nothing, not even making the folder', { skip }, async (t) => {
  const server = await startSshServer(t);
  const folder = await makeRelease(t, { a: 'x' });
  const path = join(server.target, 'new');
  const result = await publishTo(t, server, folder, { path, dryRun: true });
  assert.deepEqual([result.sent, result.sentBytes], [['a', 'SHA256SUMS'], 0]);
  assert.deepEqual(await readdir(server.target), []);
});

test('a history that is none stops it before anything is changed', { skip }, async (t) => {
  const server = await startSshServer(t);
  await writeFile(join(server.target, HISTORY_NAME), '{"format":9}');
  await assert.rejects(publishTo(t, server, await makeRelease(t, { a: 'x' })), VerificationError);
  assert.deepEqual(await readdir(server.target), [HISTORY_NAME]);
});
