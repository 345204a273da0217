import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Context } from '../../../src/core/context.ts';
import { type AppError, InputError, ToolMissingError } from '../../../src/core/errors.ts';
import { makeStep } from '../../../src/core/reporter.ts';
import { prepareSigner } from '../../../src/release/prepare-signer.ts';
import { createExec } from '../../../src/tools/exec.ts';
import { createTestContext } from '../../helpers/context.ts';
import { makeSigningKeys, type SigningKeys } from '../../helpers/signing-keys.ts';

const SUMS = `${'a'.repeat(64)}  a.img\n`;
const PASSPHRASE = 'correct horse';

/** A context whose log and reports are kept, and what they must never hold. */
async function loggedContext(
  t: TestContext,
): Promise<{ context: Context; log: () => string; keys: SigningKeys }> {
  const context = await createTestContext(t);
  const keys = await makeSigningKeys(t, context);
  let text = '';
  const log = (more: string) => {
    text += more;
  };
  const step = (title: string) => {
    log(title);
    return makeStep((result) => log(result ?? ''));
  };
  const exec = createExec({ signal: context.signal, log });
  return { context: { ...context, exec, report: { ...context.report, step } }, log: () => text, keys };
}

async function writeSigned(context: Context, suffix: string, signature: string): Promise<string> {
  const path = join(context.tmpDir, 'SHA256SUMS');
  await writeFile(path, SUMS);
  await writeFile(`${path}${suffix}`, signature);
  return path;
}

test('gpg --verify accepts a signature, with a passphrase or without, and no other text', async (t) => {
  const { context, log, keys } = await loggedContext(t);
  await keys.gpg('Other <other@example.org>');
  for (const passphrase of [undefined, PASSPHRASE]) {
    const name = `Key ${passphrase?.length ?? 0} <k${passphrase?.length ?? 0}@example.org>`;
    const fingerprint = await keys.gpg(name, passphrase === undefined ? {} : { passphrase });
    for (const key of [fingerprint, fingerprint.slice(-16), /<(.*)>/.exec(name)?.[1] ?? '']) {
      const signer = await prepareSigner(context, key, passphrase);
      assert.match(signer.key, new RegExp(fingerprint));
      const sums = await writeSigned(context, signer.suffix, await signer.sign(SUMS));
      const verify = ['gpg', '--batch', '--status-fd', '1', '--verify', `${sums}.asc`, sums] as const;
      const env = { GNUPGHOME: keys.gnupgHome };
      const { stdout } = await context.exec(verify, { env });
      assert.match(stdout, new RegExp(`VALIDSIG ${fingerprint}`));
      await writeFile(sums, SUMS.replace('a', 'b'));
      assert.equal((await context.exec(verify, { env, okExitCodes: [1] })).exitCode, 1);
    }
  }
  assert.doesNotMatch(log(), /correct horse/);
});

test('minisign -V accepts a signature; the same sums give the same one', async (t) => {
  const { context, log, keys } = await loggedContext(t);
  for (const passphrase of [undefined, PASSPHRASE]) {
    const pair = await keys.minisign(passphrase === undefined ? 'plain' : 'encrypted', passphrase);
    const signer = await prepareSigner(context, pair.secret, passphrase);
    const signature = await signer.sign(SUMS);
    if (passphrase === undefined) assert.equal(await signer.sign(SUMS), signature);
    const sums = await writeSigned(context, signer.suffix, signature);
    const verify = ['minisign', '-V', '-p', pair.public, '-m', sums] as const;
    assert.match((await context.exec(verify)).stdout, /Trusted comment: file:SHA256SUMS/);
    await writeFile(sums, SUMS.replace('a', 'b'));
    assert.notEqual((await context.exec(verify, { okExitCodes: [1, 2] })).exitCode, 0);
    if (passphrase === undefined) continue;
    const missing = /is encrypted[\s\S]*put its passphrase into \$WWANPI_SIGN_PASSPHRASE/;
    for (const nothing of [undefined, '']) await assertRefused(context, pair.secret, nothing, missing);
    await assertRefused(context, pair.secret, 'wrong-passphrase', /minisign can't sign/);
  }
  assert.doesNotMatch(log(), /correct horse|wrong-passphrase/);
});

test('a key that can not sign is refused before any work, in words that help', async (t) => {
  const { context, log, keys } = await loggedContext(t);
  const locked = await keys.gpg('Locked <locked@example.org>', { passphrase: PASSPHRASE });
  await keys.gpg('Twin <twin@example.org>');
  const second = await keys.gpg('Twin <twin@example.org>, again');
  const certify = await keys.gpg('Certify <certify@example.org>', { usage: 'cert' });
  const expired = await keys.gpg('Expired <expired@example.org>', { madeOn: '20200131' });
  const publicKey = (await keys.minisign('plain')).public;
  const faults: readonly (readonly [key: string, passphrase: string | undefined, message: RegExp])[] = [
    ['', undefined, /--sign needs a key/],
    ['--help', undefined, /--sign needs a key/],
    ['nobody@example.org', undefined, /gpg has no such secret key/],
    [join(context.tmpDir, 'absent.key'), undefined, /there is no such file/],
    ['twin@example.org', undefined, new RegExp(`stands for 2 secret keys[\\s\\S]*${second}`)],
    [certify, undefined, /can not sign/],
    [expired, undefined, /has expired/],
    [locked, 'wrong-passphrase', /gpg can't sign[\s\S]*is \$WWANPI_SIGN_PASSPHRASE its passphrase/],
    [locked, undefined, /gpg can't sign[\s\S]*gpg-agent/],
    [publicKey, undefined, /is not a minisign secret key/],
    [context.tmpDir, undefined, /cannot read .*: it is a folder/],
  ];
  for (const [key, passphrase, message] of faults) await assertRefused(context, key, passphrase, message);
  assert.doesNotMatch(log(), /correct horse|wrong-passphrase/);
});

test('a program that is not there is named with its package', async (t) => {
  const context = await createTestContext(t);
  const keys = await makeSigningKeys(t, context);
  const { secret } = await keys.minisign('plain');
  const exec: Context['exec'] = async ([program]) => {
    throw new ToolMissingError(`${program} is not installed`);
  };
  for (const [key, packageName] of [
    [secret, 'minisign'],
    ['0123456789ABCDEF', 'gnupg'],
  ] as const) {
    await assert.rejects(prepareSigner({ ...context, exec }, key, undefined), (error) => {
      assert.ok(error instanceof ToolMissingError);
      assert.match(error.hint ?? '', new RegExp(`apt-get install ${packageName}`));
      return true;
    });
  }
});

async function assertRefused(
  context: Context,
  key: string,
  passphrase: string | undefined,
  message: RegExp,
): Promise<void> {
  await assert.rejects(prepareSigner(context, key, passphrase), (error) => {
    assert.ok(error instanceof InputError, String((error as Error).stack));
    assert.match(describe(error), message);
    assert.doesNotMatch(describe(error), /wrong-passphrase/);
    return true;
  });
}

function describe(error: AppError): string {
  return [error.message, error.detail, error.hint].join('\n');
}
