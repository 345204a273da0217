import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import type { Context } from '../../../../src/core/context.ts';
import { InputError, NetworkError, ToolFailedError } from '../../../../src/core/errors.ts';
import type { Exec } from '../../../../src/core/exec.ts';
import { packageRoot } from '../../../../src/core/package.ts';
import { openApt, withApt } from '../../../../src/tools/debian/apt.ts';
import { findDebianMirrors } from '../../../../src/tools/debian/debian-mirrors.ts';
import { createExec } from '../../../../src/tools/exec.ts';
import { createTestContext } from '../../../helpers/context.ts';
import { makeUser, userLack } from '../../../helpers/throwaway-user.ts';

const OPTIONS = { architecture: 'armhf', codename: 'bookworm', components: ['main'] };
const TARGETS = [
  ['http://u:secret@m.test/debian/', 'bookworm', 'Debian'],
  ['http://u:secret@m.test/sec/', 'bookworm-security', 'Debian-Security'],
]
  .map(([uri, suite, label]) => `Repo-URI: ${uri}\nRelease: ${suite}\nLabel: ${label}\nOrigin: Debian\n`)
  .join('\n');

interface Fake {
  readonly context: Context;
  readonly warnings: string[];
  readonly updates: string[];
}

/** An apt whose update fails for as long as the sources name one of `broken`. */
async function fakeApt(t: TestContext, broken: string[] = []): Promise<Fake> {
  const real = await createTestContext(t);
  const list = join(real.tmpDir, 'etc/sources.list');
  await mkdir(dirname(list));
  await writeFile(list, 'deb [signed-by=/k.gpg] http://u:secret@m.test/debian bookworm main\n');
  const warnings: string[] = [];
  const updates: string[] = [];
  const answer = (stdout: string) => ({ exitCode: 0, stdout, stdoutBytes: Buffer.from(stdout), stderr: '' });
  const exec: Exec = async (argv, run) => {
    if (argv[0] === 'apt-config' && argv[1] === 'shell')
      return answer(`LIST='${list}'\nPARTS='/nonexistent/'\n`);
    if (argv[0] === 'apt-config') {
      return answer(
        [
          'Acquire::http::Proxy "http://p.test:3128";',
          'Acquire::AllowInsecureRepositories "1";',
          'Acquire::Check-Valid-Until "false";',
          'Acquire::Check-Date "false";',
          '',
        ].join('\n'),
      );
    }
    if (argv[1] === 'indextargets') return answer(TARGETS);
    assert.equal(argv[1], 'update');
    const folder = dirname(run?.env?.APT_CONFIG ?? '');
    const sources = await readFile(join(folder, 'sources/wwanpi.sources'), 'utf8');
    updates.push(sources);
    const bad = broken.find((suite) => sources.includes(`Suites: ${suite}\n`));
    if (bad !== undefined) {
      const base = bad.endsWith('-security') ? 'http://u:secret@m.test/sec' : 'http://u:secret@m.test/debian';
      throw new ToolFailedError('apt-get failed', {
        detail: `E: Failed to fetch ${base}/dists/${bad}/main/by-hash/x  \n   File has unexpected size (1 != 2). Mirror sync in progress?\n`,
      });
    }
    await writeFile(
      join(folder, 'state/lists/m.test_debian_dists_bookworm_InRelease'),
      'Origin: Debian\nDate: Sat, 11 Jul 2026 10:16:37 UTC\n',
    );
    return answer('');
  };
  const report = { ...real.report, warn: (message: string) => warnings.push(message) };
  return { context: { ...real, exec, report }, warnings, updates };
}

test('mirrors come from what apt has seen signed by Debian, with the key of the source entry', async (t) => {
  const { context } = await fakeApt(t);
  const { main, security } = await findDebianMirrors(context, {});
  assert.deepEqual(main, { uri: 'http://u:secret@m.test/debian', signedBy: '/k.gpg' });
  assert.equal(security?.uri, 'http://u:secret@m.test/sec');
});

test('without any lists yet, the configured suites tell; without those, WWANPI_DEBIAN_MIRROR is named', async (t) => {
  const { context } = await fakeApt(t);
  const noLists: Exec = async (argv, run) => {
    const result = await context.exec(argv, run);
    return argv[1] === 'indextargets' ? { ...result, stdout: '' } : result;
  };
  const { main, security } = await findDebianMirrors({ ...context, exec: noLists }, {});
  assert.equal(main.uri, 'http://u:secret@m.test/debian');
  assert.equal(security, undefined);
  const nothing: Exec = async () => ({
    exitCode: 0,
    stdout: "LIST='/nonexistent/a'\nPARTS='/nonexistent/b/'\n",
    stdoutBytes: Buffer.of(),
    stderr: '',
  });
  await assert.rejects(findDebianMirrors({ ...context, exec: nothing }, {}), (error: InputError) => {
    assert.ok(error instanceof InputError);
    assert.match(error.hint ?? '', /WWANPI_DEBIAN_MIRROR/);
    return true;
  });
  const given = await findDebianMirrors(
    { ...context, exec: nothing },
    { WWANPI_DEBIAN_MIRROR: 'http://x.test/d/' },
  );
  assert.equal(given.main.uri, 'http://x.test/d');
});

test('lists are fetched once, then come from the cache; refresh fetches them again', async (t) => {
  const { context, updates, warnings } = await fakeApt(t);
  const apt = await openApt(context, OPTIONS);
  assert.deepEqual(
    apt.sources.map((source) => source.suite),
    ['bookworm', 'bookworm-updates', 'bookworm-security'],
  );
  assert.equal(apt.epochSeconds, Date.UTC(2026, 6, 11, 10, 16, 37) / 1000);
  assert.equal((await openApt(context, OPTIONS)).fresh, false);
  assert.equal(updates.length, 1);
  assert.equal((await openApt(context, { ...OPTIONS, refresh: true })).fresh, true);
  assert.equal(updates.length, 2);
  assert.deepEqual(warnings, []);
});

test("the host's proxy is taken over, its choices about trust are not", async (t) => {
  const { context } = await fakeApt(t);
  const { configPath } = await openApt(context, OPTIONS);
  const config = await readFile(configPath, 'utf8');
  assert.match(config, /^Acquire::http::Proxy "http:\/\/p\.test:3128";$/m);
  assert.doesNotMatch(config, /AllowInsecure|Check-Valid-Until|Check-Date/);
  assert.match(config, /^Dir::Etc::Parts "\/dev\/null";$/m);
});

test('a suite that cannot be fetched is left out with one warning', async (t) => {
  const { context, warnings, updates } = await fakeApt(t, ['bookworm-security']);
  const apt = await openApt(context, OPTIONS);
  assert.deepEqual(
    apt.sources.map((source) => source.suite),
    ['bookworm', 'bookworm-updates'],
  );
  assert.equal(apt.configured.length, 3);
  assert.deepEqual(warnings, [
    "Debian's bookworm-security is left out: its package list can't be fetched (File has unexpected size (1 != 2))",
  ]);
  assert.equal(updates.length, 2);
});

test('without the release itself nothing goes, and no password is shown', async (t) => {
  const { context } = await fakeApt(t, ['bookworm']);
  await assert.rejects(openApt(context, OPTIONS), (error: NetworkError) => {
    assert.ok(error instanceof NetworkError);
    assert.match(error.message, /from http:\/\/m\.test\/debian$/);
    assert.doesNotMatch(`${error.message}${error.hint}${error.detail}`, /secret/);
    return true;
  });
});

test('withApt tries once more with fresh lists when the mirror has moved on', async (t) => {
  const { context, updates } = await fakeApt(t);
  await openApt(context, OPTIONS);
  const seen: boolean[] = [];
  const result = await withApt(context, OPTIONS, async (apt) => {
    seen.push(apt.fresh);
    if (!apt.fresh) throw new NetworkError('404');
    return 'ok';
  });
  assert.equal(result, 'ok');
  assert.deepEqual(seen, [false, true]);
  assert.equal(updates.length, 2);
});

/** Makes every list in the cache look older. */
async function age(context: Context, hours: number): Promise<void> {
  const section = join(context.cacheDir, 'apt');
  for (const name of await readdir(section)) {
    const [key, time] = name.split('-');
    await rename(join(section, name), join(section, `${key}-${Number(time) - hours * 3600_000}`));
  }
}

test('without a network old lists are used: one warning and one request to the mirror a run', async (t) => {
  const broken: string[] = [];
  const { context, warnings, updates } = await fakeApt(t, broken);
  await openApt(context, OPTIONS);
  await openApt(context, { ...OPTIONS, sources: true });
  await age(context, 100);
  broken.push('bookworm');
  assert.equal((await openApt(context, OPTIONS)).fresh, false);
  assert.equal((await openApt(context, { ...OPTIONS, sources: true })).fresh, false);
  assert.equal(updates.length, 3);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /m\.test\/debian; going on with the lists in the cache, 100 hours old$/);
  // What withApt asks for when the lists name something that is gone: there old ones are of no use.
  await assert.rejects(openApt(context, { ...OPTIONS, refresh: true }), NetworkError);
});

test('lists older than two days go when newer ones have come', async (t) => {
  const { context } = await fakeApt(t);
  await openApt(context, OPTIONS);
  await age(context, 100);
  assert.equal((await openApt(context, OPTIONS)).fresh, true);
  assert.equal((await readdir(join(context.cacheDir, 'apt'))).length, 1);
});

test('old lists in a read-only cache are used too', async (t) => {
  for (const fault of [{ code: 'EROFS' }, { code: 'ENOENT', syscall: 'mkdir' }]) await refusedBy(t, fault);
});

async function refusedBy(t: TestContext, fault: object): Promise<void> {
  const { context, warnings } = await fakeApt(t);
  await openApt(context, OPTIONS);
  await age(context, 7);
  const refuse: Exec = async (argv, run) => {
    if (argv[1] === 'update') throw Object.assign(new Error('read-only'), fault);
    return context.exec(argv, run);
  };
  const apt = await openApt({ ...context, exec: refuse }, OPTIONS);
  assert.equal(apt.fresh, false);
  assert.match(warnings.join(), /cannot write .*; going on with the lists in the cache, 7 hours old/);
}

test('where Debian comes from, and whose key signs it, no cache says', async (t) => {
  const { context } = await fakeApt(t);
  await openApt(context, OPTIONS);
  const section = join(context.cacheDir, 'apt');
  const [name = ''] = await readdir(section);
  const planted = JSON.stringify([
    { uri: 'http://planted.test', suite: 'bookworm', components: ['main'], signedBy: '/planted.gpg' },
  ]);
  for (const file of ['sources.json', 'sources/wwanpi.sources', 'apt.conf']) {
    await writeFile(join(section, name, file), planted);
  }
  const apt = await openApt(context, OPTIONS);
  assert.equal(apt.fresh, false);
  assert.deepEqual(
    apt.sources.map(({ uri, signedBy }) => [uri, signedBy]),
    [
      ['http://u:secret@m.test/debian', '/k.gpg'],
      ['http://u:secret@m.test/debian', '/k.gpg'],
      ['http://u:secret@m.test/sec', '/usr/share/keyrings/debian-archive-keyring.gpg'],
    ],
  );
  const config = await readFile(apt.configPath, 'utf8');
  const folder = /^Dir::Etc::SourceParts "(.*)";$/m.exec(config)?.[1] ?? '';
  assert.ok(!folder.startsWith(context.cacheDir), folder);
  assert.match(
    await readFile(join(folder, 'wwanpi.sources'), 'utf8'),
    /^URIs: http:\/\/u:secret@m\.test\/debian$/m,
  );
});

test('lists in a cache of root, whose own folders nobody else can read, serve another user', async (t) => {
  const user = userLack() === undefined ? await makeUser(t, 'x') : undefined;
  if (user === undefined) return t.skip(userLack());
  const { context } = await fakeApt(t);
  await openApt(context, OPTIONS);
  const section = join(context.cacheDir, 'apt');
  const [name = ''] = await readdir(section);
  const lists = join(section, name, 'state/lists');
  await writeFile(join(lists, 'lock'), '', { mode: 0o600 });
  await chmod(join(lists, 'partial'), 0o700);
  await chmod(context.tmpDir, 0o755);
  const look = `
    import { findLists } from '${new URL('../../../../src/tools/debian/proven-lists.ts', import.meta.url).pathname}';
    const context = { signal: new AbortController().signal, cacheDir: '${context.cacheDir}' };
    const { newest } = await findLists(context, '${section}', '${name.split('-')[0]}');
    process.stdout.write(newest.suites.join());`;
  const exec = createExec({ signal: context.signal });
  const asUser = ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'] as const;
  const { stdout } = await exec(
    [...asUser, process.execPath, '--import', 'tsx', '--input-type=module', '-e', look],
    { cwd: packageRoot, env: { HOME: user.home } },
  );
  assert.equal(stdout, 'bookworm,bookworm-updates,bookworm-security');
});

const LIST = 'state/lists/m.test_debian_dists_bookworm_InRelease';
for (const [what, file, content] of [
  ['lists with a bit changed', LIST, 'Origin: Debian\nDate: Sat, 11 Jul 2036 10:16:37 UTC\n'],
  ['facts that are no JSON', 'lists.json', '{'],
  ['facts without hashes', 'lists.json', '{"suites":["bookworm"]}'],
] as const) {
  test(`${what} are fetched again, with one warning`, async (t) => {
    const { context, updates, warnings } = await fakeApt(t);
    const first = await openApt(context, OPTIONS);
    const section = join(context.cacheDir, 'apt');
    const [name = ''] = await readdir(section);
    await writeFile(join(section, name, file), content);
    // Another run: one compares what it uses once.
    const again = await openApt({ ...context }, OPTIONS);
    assert.equal(again.fresh, true);
    assert.equal(again.epochSeconds, first.epochSeconds);
    assert.equal(updates.length, 2);
    assert.equal(warnings.length, 1);
    assert.match(
      warnings[0] ?? '',
      /^apt\/[0-9a-f]+-\d+ in the cache is damaged \(.*\); wwanpi makes it again$/,
    );
  });
}

test('with --require-updates a suite that cannot be fetched is an error, and lists without it do not serve', async (t) => {
  const broken = ['bookworm-security'];
  const { context, warnings } = await fakeApt(t, broken);
  await openApt(context, OPTIONS);
  const strict = { ...context, requireUpdates: true };
  warnings.length = 0;
  await assert.rejects(openApt(strict, OPTIONS), (error: NetworkError) => {
    assert.ok(error instanceof NetworkError);
    assert.match(error.message, /^Debian's bookworm-security is required: its package list can't be fetched/);
    assert.doesNotMatch(`${error.hint}${error.detail}`, /secret@/);
    return true;
  });
  assert.deepEqual(warnings, []);
  broken.length = 0;
  assert.equal((await openApt(strict, OPTIONS)).sources.length, 3);
});
