import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runCli } from '../helpers/cli.ts';

/** What a person typed, the exit code, and what the answer must say. */
type Row = readonly [typed: readonly string[], exitCode: number, ...answers: RegExp[]];

const APN = ['build', '--apn', 'internet'] as const;

/** What new users typed, in the order in which they met it. No row needs a network, root or a host program. */
const ROWS: readonly Row[] = [
  [[], 2, /^Usage: wwanpi COMMAND/m, /name a command\n→ wwanpi --help lists the commands/],
  [['biuld'], 2, /there is no command biuld; did you mean build\?/],
  [['build'], 2, /--apn needs an APN; .*--carrier us\/metropcs/],
  [['build', '--apm', 'internet'], 2, /--apm is not an option of wwanpi build; did you mean --apn\?/],
  [['build', '--apn', 'fast metropcs com'], 2, /holds a space; an APN has only letters, digits/],
  [['build', '--apn', 'internet,'], 2, /holds a comma/],
  [['build', '--apn', ''], 2, /--apn "" is empty; use the APN exactly as your carrier writes it/],
  [[...APN, '--base', 'raspbian-strech'], 2, /did you mean raspbian-stretch\?/],
  [
    [...APN, '--base', 'ubuntu'],
    2,
    /"ubuntu" is neither a file nor one of raspbian-stretch, .*debian-bookworm/,
  ],
  [[...APN, '--base', './missing.img'], 2, /"\.\/missing\.img" cannot be read: no such file/],
  [
    [...APN, '--ssh-key', 'nokey.pub'],
    2,
    /"nokey\.pub" cannot be read: no such file; if you have no key yet, make one: ssh-keygen -t ed25519/,
  ],
  [[...APN, '--ssh-key', 'notes.txt'], 2, /begins with no key type of OpenSSH/],
  [
    ['build', '--apn', 'a b', '--metric', 'x', '--dns', 'q', '--hostname', 'a_b', '--compress', 'zip'],
    2,
    /^wwanpi: 5 errors in the command line:(\n {2}- --(apn|metric|dns|hostname|compress) [^\n]+){5}\n$/m,
  ],
  [[...APN, '--wifi-ssid', 'Home'], 2, /needs --wifi-country .*: the radio stays blocked without it/],
  [[...APN, '--compress', 'zst'], 2, /"zst" must be one of xz, zstd, none; did you mean zstd\?/],
  [[...APN, '--output', 'notes.txt'], 2, /notes\.txt" is a file; name a folder/],
  [[...APN, '--cache-dir', 'notes.txt/cache'], 2, /--cache-dir .*cannot be made: .*notes\.txt is a file/],
  [['fleet'], 2, /FILE is missing: YAML or JSON file.*\n→ for example: wwanpi fleet fleet\.yaml/],
  [['diff', 'a.img'], 2, /AFTER is missing: image to compare it with\n→ for example: wwanpi diff /],
  [['catalogue'], 2, /FOLDER is missing: /],
  [['publish'], 2, /DIR is missing: [^\n]*\n.*URL is missing: /],
  [['fleet', 'nofile.yaml'], 2, /nofile\.yaml: no such file\n→ name a YAML or JSON file/],
  [
    ['fleet', 'broken.yaml'],
    2,
    /broken\.yaml:3:1: Flow sequence.*\n→ check indentation, brackets and quotes/,
  ],
  [['boot', 'missing.img'], 2, /missing\.img: no such file/],
  [['inspect', 'missing.img'], 2, /missing\.img: no such file/],
  [['inspect', 'notes.txt'], 2, /not a .*image/],
  [['inspect', 'random.img'], 2, /not a .*image/],
  [
    ['boot', 'random.img', '--scenario', 'onlin'],
    2,
    /did you mean online\?\n→ wwanpi boot --help-all lists the scenarios\n$/,
  ],
  [['flash'], 2, /there is none in out\/\n→ build one with wwanpi build/],
  [['flash', 'missing.img'], 2, /cannot read missing\.img: no such file/],
  [['publish', 'empty', 'sftp://me:secret@example.org/x'], 2, /give it in WWANPI_SSH_PASSWORD/],
  [
    ['catalogue', 'nodir'],
    2,
    /nodir: no such folder\n→ give the output folder of wwanpi fleet or wwanpi build/,
  ],
  [['catalogue', 'empty'], 2, /empty has no finished image\n→ give the output folder/],
  [['doctor', '--jsn'], 2, /did you mean --json\?/],
  [['completion', 'powershell'], 2, /SHELL "powershell" must be one of bash, zsh, fish/],
  [['version', '--jsn'], 2, /--jsn is not an option of wwanpi version\n→ wwanpi version --help-all lists/],
  [['help', 'biuld'], 2, /did you mean build\?/],
  [['--versio'], 2, /did you mean --version\?/],
  [['-x'], 2, /-x is not an option of wwanpi/],
  [['publish', 'a', 'sftp://b/c', '--known-hosts'], 2, /--known-hosts needs a value/],
];

/** What people type to see help or the version, and the first words of what they see. */
const WORKS: readonly (readonly [readonly string[], RegExp])[] = [
  [['help'], /^Makes a Raspberry Pi image/],
  [['-h'], /^Makes a Raspberry Pi image/],
  [['help', 'build'], /^Usage: wwanpi build /],
  [['build', '-h'], /^Usage: wwanpi build /],
  [['--help', 'build'], /^Usage: wwanpi build /],
  [['build', '--bogus', '--help-all'], /^Usage: wwanpi build /],
  [['version'], /^\d+\.\d+\.\d+\n$/],
  [['-V'], /^\d+\.\d+\.\d+\n$/],
  [['--version'], /^\d+\.\d+\.\d+\n$/],
];

/** English of yargs, and codes of the system, which nobody should see. */
const FOREIGN =
  /non-option arguments|Unknown (argument|command)|Invalid values|Did you mean|Missing required|mutually exclusive|Positionals|\bE(NOENT|ACCES|ISDIR|NOTDIR)\b/;

describe('a mistake is answered with what to do, in our own words', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-e2e-'));
    await writeFile(join(folder, 'notes.txt'), 'hello\n'.repeat(200));
    await writeFile(join(folder, 'random.img'), Buffer.alloc(100_000, 'x'));
    await writeFile(join(folder, 'broken.yaml'), 'images:\n  - [a\n');
    await mkdir(join(folder, 'empty'));
  });
  after(() => rm(folder, { recursive: true, force: true }));
  // A person whose language is not English gets no second language between ours.
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    runCli(args, {
      cwd: folder,
      env: { XDG_CACHE_HOME: join(folder, 'empty', '..', 'cache'), LANG: 'de_DE.UTF-8', ...env },
    });

  for (const [typed, exitCode, ...answers] of ROWS) {
    test(`wwanpi ${typed.join(' ')}`, async () => {
      const result = await run(typed);
      assert.equal(result.exitCode, exitCode, result.stderr);
      assert.equal(result.stdout, '');
      for (const answer of answers) assert.match(result.stderr, answer);
      assert.doesNotMatch(result.stderr, FOREIGN);
    });
  }

  for (const [typed, answer] of WORKS) {
    test(`wwanpi ${typed.join(' ')} works`, async () => {
      const result = await run(typed);
      assert.deepEqual([result.exitCode, result.stderr], [0, '']);
      assert.match(result.stdout, answer);
    });
  }

  test('in a run of make, the hint says BASE=…', async () => {
    const env = { WWANPI_CALLED_AS: 'make', WWANPI_DOWNLOADS_URL: 'http://127.0.0.1:9' };
    const result = await run([...APN, '--output', 'made'], env);
    assert.equal(result.exitCode, 8, result.stderr);
    assert.match(result.stderr, /→ use BASE=debian-bookworm, built from Debian packages, or BASE=FILE/);
    assert.ok(!(await readdir(folder)).includes('made'));
  });

  test('with --log json a line without a command is one JSON line', async () => {
    const { stderr, exitCode } = await run(['--log', 'json']);
    assert.equal(exitCode, 2);
    assert.equal(JSON.parse(stderr).message, 'name a command');
  });
});
