import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { VerificationError } from '../../../../src/core/errors.ts';
import { inspectDeb } from '../../../../src/formats/debian/inspect-deb.ts';

const CONTROL = 'Package: app\nVersion: 1:1.0-2\nArchitecture: armhf\nDepends: libc6\n';

function ar(members: readonly (readonly [name: string, content: Uint8Array])[]): Buffer {
  const parts = members.flatMap(([name, content]) => [
    Buffer.from(
      `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(content.length).padEnd(10)}\`\n`,
    ),
    content,
    Buffer.from(content.length % 2 === 0 ? '' : '\n'),
  ]);
  return Buffer.concat([Buffer.from('!<arch>\n'), ...parts]);
}

async function tar(
  entries: readonly (readonly [header: { name: string }, content: string])[],
): Promise<Buffer> {
  const packer = pack();
  for (const [header, content] of entries) packer.entry(header, content);
  packer.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of packer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function deb(
  control: string,
  files: readonly (readonly [{ name: string }, string])[],
  ending = '.gz',
): Promise<Buffer> {
  const wrap = (bytes: Buffer) => (ending === '.gz' ? gzipSync(bytes) : bytes);
  return ar([
    ['debian-binary', Buffer.from('2.0\n')],
    [`control.tar${ending}`, wrap(await tar([[{ name: './control' }, control]]))],
    [`data.tar${ending}`, wrap(await tar(files))],
  ]);
}

test('name, version, architecture and what it unpacks to', async () => {
  for (const ending of ['', '.gz']) {
    const facts = await inspectDeb(
      await deb(CONTROL, [[{ name: './usr/bin/app' }, 'x'.repeat(5000)]], ending),
    );
    const { name, version, architecture, unpackedBytes, control } = facts;
    assert.deepEqual([name, version, architecture, unpackedBytes], ['app', '1:1.0-2', 'armhf', 5000]);
    assert.equal(control, CONTROL);
  }
});

test('what is no package, or a hostile one, is refused with its reason', async () => {
  const good = await deb(CONTROL, [[{ name: './a' }, 'a']]);
  for (const [bytes, reason] of [
    [Buffer.from('no package'), /not an ar archive/],
    [ar([['debian-binary', Buffer.from('2.0\n')]]), /has no control\.tar/],
    [ar([['control.tar', Buffer.alloc(0)]]), /no debian-binary/],
    [good.subarray(0, good.length - 60), /cut short|damaged/],
    [await deb(CONTROL, [[{ name: '../../etc/passwd' }, 'root']]), /etc\/passwd lies outside the root/],
    [await deb('Package: ../x\nVersion: 1\n', []), /no sound name and version/],
    [await deb('Package: app\nVersion: 1/../2\n', []), /no sound name and version/],
    [await deb(`${CONTROL}X: ${'x'.repeat(2_000_000)}\n`, []), /control file is too large/],
    [await deb(CONTROL, [], '.zst'), /compressed in a way/],
  ] as const) {
    await assert.rejects(inspectDeb(bytes), (error: unknown) => {
      assert.ok(error instanceof VerificationError);
      assert.match(error.message, reason);
      return true;
    });
  }
});

test('a package with a byte changed is refused or read, and nothing else happens', async () => {
  const good = await deb(CONTROL, [[{ name: './a' }, 'a']]);
  for (let at = 0; at < good.length; at += 7) {
    const bad = Buffer.from(good);
    bad[at] = (bad[at] ?? 0) ^ 0x55;
    await inspectDeb(bad).catch((error: unknown) =>
      assert.ok(error instanceof VerificationError, String(error)),
    );
  }
});
