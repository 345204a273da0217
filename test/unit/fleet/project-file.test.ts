import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseBuild } from '../../../src/commands/project-options.ts';
import { readProject } from '../../../src/fleet/project-file.ts';
import { formatIssue, OptionsError } from '../../../src/formats/issues.ts';

async function makeFolder(t: TestContext, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'wwanpi-test-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'wwanpi.yaml'), text);
  return folder;
}

async function ask(t: TestContext, text: string, line: Record<string, unknown> = {}, env = {}) {
  const project = await readProject(await makeFolder(t, text), line, env);
  return { argv: { output: 'out', ...project?.options, ...line }, project };
}

async function getFaults(t: TestContext, text: string, line: Record<string, unknown> = {}) {
  const asked = await ask(t, text, line);
  return parseBuild(asked).then(
    () => [],
    (error) => {
      assert.ok(error instanceof OptionsError, String(error));
      return error.issues.map(formatIssue);
    },
  );
}

test('a folder without the file has no project', async () => {
  assert.equal(await readProject(tmpdir(), {}, {}), undefined);
});

test('its options are those of one image of a fleet file; paths begin at its folder, ~ is the home folder', async (t) => {
  const text =
    'apn: internet\nbase: base.img\nssh-key: [a.pub, ~/.ssh/b.pub]\nmetric: 50\npassword-env: PI_PASSWORD\n';
  const { project, argv } = await ask(t, text, {}, { PI_PASSWORD: 'secret' });
  const folder = join(project?.path ?? '', '..');
  assert.deepEqual(argv, {
    output: 'out',
    apn: 'internet',
    base: join(folder, 'base.img'),
    sshKey: [join(folder, 'a.pub'), join(homedir(), '.ssh/b.pub')],
    metric: 50,
    password: 'secret',
  });
  const empty = await ask(t, '# nothing yet\n');
  assert.deepEqual(empty.project?.options, {});
});

test('the command line wins, and the environment; each with what it replaces', async (t) => {
  const text = 'carrier: us/metropcs\nbase: debian-bookworm\npassword-env: UNSET\nssh: true\n';
  const { argv, project } = await ask(
    t,
    text,
    { apn: 'internet', ssh: false, base: 'raspbian-stretch' },
    { WWANPI_PASSWORD_HASH: '$6$x$y' },
  );
  assert.deepEqual(argv, { output: 'out', apn: 'internet', ssh: false, base: 'raspbian-stretch' });
  assert.deepEqual(project?.issues, []);
});

test('a whole build is checked, and each issue has its line; those of the command line have none', async (t) => {
  const faults = await getFaults(
    t,
    [
      'apn: internet',
      'hostnam: pi',
      'dns: [1.1.1.1, "8"]',
      'metric: fast',
      'password-env: NOT_SET',
      'output: x',
    ].join('\n'),
    { user: 'Anna' },
  );
  assert.deepEqual(faults.slice(1), [
    'wwanpi.yaml:2:1: hostnam is not an option of a project file; did you mean hostname?',
    'wwanpi.yaml:3:1: dns "8" is not an IPv4 or IPv6 address; give addresses such as 9.9.9.9, or "none"',
    'wwanpi.yaml:4:1: metric needs a whole number',
    'wwanpi.yaml:5:1: password-env names NOT_SET, which is not set in the environment',
    'wwanpi.yaml:6:1: output is not an option of a project file; give --output to wwanpi build',
  ]);
  assert.match(faults[0] ?? '', /^--user "?Anna"? is not a name/);
});

test('what follows from a misspelled option is not a second issue', async (t) => {
  assert.deepEqual(await getFaults(t, 'carier: us/metropcs\n'), [
    'wwanpi.yaml:1:1: carier is not an option of a project file; did you mean carrier?',
  ]);
  assert.match((await getFaults(t, 'metric: 5\n')).join(), /^--apn needs an APN/);
});

test('a fleet file in its place is named', async (t) => {
  assert.deepEqual(await getFaults(t, 'images:\n  - apn: internet\n'), [
    'wwanpi.yaml:1:1: images is not an option of a project file; wwanpi fleet FILE builds a list of images',
  ]);
});
