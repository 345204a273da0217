import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCli } from '../helpers/cli.ts';

const BOOKWORM = ['--apn', 'internet', '--base', 'debian-bookworm', '--dry-run'];

test('that nobody can log in is said before any work, and not at all if it is wanted', async () => {
  const warned = await runCli(['build', ...BOOKWORM]);
  assert.equal(warned.exitCode, 0, warned.stderr);
  const [warning, tools] = ['nobody can log in to this image', 'Host tools'].map((text) =>
    warned.stderr.indexOf(text),
  );
  assert.ok(Number(warning) >= 0 && Number(warning) < Number(tools), warned.stderr);
  assert.equal(warned.stderr.split('nobody can log in').length, 2, 'once');
  const wanted = await runCli(['build', ...BOOKWORM, '--no-login']);
  assert.equal(wanted.exitCode, 0, wanted.stderr);
  assert.doesNotMatch(wanted.stderr, /nobody can log in/);
});

test('user and place are options of a project file, and what the base cannot do is refused before libqmi', async (t) => {
  const cwd = await mkdtemp(join(tmpdir(), 'wwanpi-e2e-'));
  t.after(() => rm(cwd, { recursive: true }));
  const lines = [
    'apn: internet',
    'base: debian-bookworm',
    'user: anna',
    'timezone: Europe/Berlin',
    'locale: C.UTF-8',
    'password-env: PI_PASSWORD',
  ];
  await writeFile(join(cwd, 'wwanpi.yaml'), `${lines.join('\n')}\n`);
  const env = { PI_PASSWORD: 'a secret' };
  const planned = await runCli(['build', '--dry-run'], { cwd, env });
  assert.equal(planned.exitCode, 0, planned.stderr);
  assert.match(planned.stderr, /with the options of wwanpi\.yaml/);
  assert.doesNotMatch(planned.stderr, /nobody can log in/);
  assert.match(planned.stdout, /^> \/home\/pi\/ is renamed to \/home\/anna\/ /m);
  assert.match(planned.stdout, /^ +\+anna:x:1000:1000::\/home\/anna:\/bin\/bash$/m);
  assert.match(planned.stdout, /\/etc\/localtime -> \/usr\/share\/zoneinfo\/Europe\/Berlin/);
  assert.match(planned.stdout, /^ +\+LANG=C\.UTF-8$/m);
  const refused = await runCli(
    ['build', '--dry-run', '--locale', 'de_DE.UTF-8', '--keyboard', 'de', '--timezone', 'Europe/Berln'],
    { cwd, env },
  );
  assert.equal(refused.exitCode, 2, refused.stderr);
  for (const says of [
    /no time zone Europe\/Berln \(--timezone\); did you mean Europe\/Berlin\?/,
    /no package locales/,
    /no package keyboard-configuration/,
  ]) {
    assert.match(refused.stderr, says);
  }
  assert.doesNotMatch(refused.stderr, /libqmi/);
});
