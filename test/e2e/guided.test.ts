import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { defaultCacheDir } from '../../src/host/with-run.ts';
import { runCli } from '../helpers/cli.ts';
import { makeFakeLsblk } from '../helpers/fake-lsblk.ts';
import { attachLoop, loopsMissing } from '../helpers/loop.ts';
import { SSH_KEY } from '../helpers/recipes.ts';
import { assertGoldenScreen, KEYS, openWwanpi, type Screen, type ScreenOptions } from '../helpers/screen.ts';
import { waitFor } from '../helpers/wait-for.ts';

/** `wwanpi` alone, as a person meets it: on a real terminal, with keys. */
describe('wwanpi alone on a terminal', () => {
  let folder = '';
  let options: ScreenOptions = {};
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-guided-'));
    await mkdir(join(folder, '.ssh'));
    await writeFile(join(folder, '.ssh/id_ed25519.pub'), `${SSH_KEY}\n`);
    const env = {
      HOME: folder,
      XDG_CACHE_HOME: join(defaultCacheDir(), '..'),
      LC_ALL: 'de_DE.UTF-8',
      TZ: 'Europe/Berlin',
    };
    options = { cwd: folder, env };
  });
  after(() => rm(folder, { recursive: true, force: true }));

  for (const columns of [80, 40]) {
    test(`asks each question on ${columns} columns, and the plan has every answer but the secrets`, async (t) => {
      const screen = openWwanpi(t, [], { ...options, columns });
      const shots: string[] = [];
      for (const [question, keys] of WALK) {
        shots.push(await seeQuestion(screen, question));
        screen.type(keys);
      }
      shots.push(await seeQuestion(screen, 'This is the plan'));
      screen.type(KEYS.ctrlC);
      assert.equal(await screen.exited(), 130);
      assert.equal(screen.text().split('\n').at(-1), 'wwanpi: interrupted; nothing was made');
      for (const secret of ['open sesame', 'longenough', '4321'])
        assert.ok(!screen.history().includes(secret));
      await assertGoldenScreen(`guided-${columns}`, shots.join('\n────────\n'));
    });
  }

  test('Escape leads back through all answers, and a former answer is the one under the cursor', async (t) => {
    const screen = openWwanpi(t, [], options);
    for (const [question, keys] of WALK.slice(0, -1)) {
      await seeQuestion(screen, question);
      screen.type(keys);
    }
    // The second time a password is typed is a part of its question.
    const questions = WALK.map(([question]) => question).filter((each) => !each.includes('again'));
    for (const question of questions.slice(1).reverse()) {
      const text = await seeQuestion(screen, question);
      if (question === 'Which carrier') assert.match(text, /❯ Vodafone/);
      if (question === 'How will you log in') assert.match(text, /❯ With a password/);
      if (question === 'What is the name') assert.match(text, /› Home, sweet home/);
      screen.type(KEYS.escape);
    }
    const first = await seeQuestion(screen, 'Which Raspberry Pi');
    assert.match(first, /❯ Pi 2 or Pi 3/);
    assert.ok(!first.includes('✓'), first);
    screen.type(KEYS.ctrlD);
    assert.equal(await screen.exited(), 130);
  });

  test('Ctrl-C leaves at each question with exit code 130, and nothing is made', async (t) => {
    for (let length = 0; length < WALK.length; length++) {
      const screen = openWwanpi(t, [], options);
      for (const [question, keys] of WALK.slice(0, length)) {
        await seeQuestion(screen, question);
        screen.type(keys);
      }
      await seeQuestion(screen, WALK[length]?.[0] ?? '');
      screen.type(KEYS.ctrlC);
      assert.equal(await screen.exited(), 130);
      assert.match(screen.text(), /\nwwanpi: interrupted; nothing was made$/);
    }
    assert.deepEqual(await readdir(folder), ['.ssh']);
  });

  test('a window that changes its size in the middle shows one question, whole', async (t) => {
    const screen = openWwanpi(t, [], options);
    for (const [question, keys] of WALK.slice(0, 3)) {
      await seeQuestion(screen, question);
      screen.type(keys);
    }
    await seeQuestion(screen, 'Which carrier');
    screen.resize(40, 16);
    await seeText(screen, /Enter · Esc: back · Ctrl-C: leave$/);
    screen.type(KEYS.down);
    const small = await seeText(screen, /^ +❯ Telekom/m);
    assert.equal(small.split('Which carrier').length, 2, small);
    screen.resize(100, 30);
    const large = await seeText(screen, /Enter to go on, Esc to go back, Ctrl-C to leave$/);
    assert.equal(large.split('Which carrier').length, 2, large);
    screen.type(KEYS.ctrlC);
    assert.equal(await screen.exited(), 130);
  });

  test('writes the image to a card', { skip: loopsMissing() ?? false }, async (t) => {
    const bench = await mkdtemp(join(tmpdir(), 'wwanpi-card-'));
    t.after(() => rm(bench, { recursive: true, force: true }));
    const backing = join(bench, 'card');
    const cardBytes = 1 << 30;
    await writeFile(backing, '');
    await truncate(backing, cardBytes);
    const device = attachLoop(t, backing);
    const lsblk = makeFakeLsblk(bench);
    lsblk.show(device, { sizeBytes: cardBytes });
    const env = { ...options.env, PATH: lsblk.path };
    const screen = openWwanpi(t, [], { ...options, env, columns: 120, rows: 60 });
    for (const [question, keys] of walkTo(KEYS.up + KEYS.up + KEYS.enter)) {
      await seeQuestion(screen, question);
      screen.type(keys);
    }
    await screen.waitForText(`Type its name to write to it (${basename(device)}):`);
    screen.type(`${basename(device)}${KEYS.enter}`);
    assert.equal(await screen.exited(), 0, screen.history());
    assert.match(screen.history(), /It was read back and is identical/);
    assert.match(screen.history(), /The same again, with WWANPI_PASSWORD in the environment:/);
    const [image = ''] = (await readdir(join(folder, 'out'))).filter((name) => name.endsWith('.img'));
    const { size } = await stat(join(folder, 'out', image));
    execFileSync('cmp', ['--bytes', String(size), join(folder, 'out', image), backing]);
    await rm(join(folder, 'out'), { recursive: true });
  });

  test('makes an image by the command that it names, and the password is nowhere', async (t) => {
    const screen = openWwanpi(t, [], { ...options, columns: 120, rows: 60 });
    for (const [question, keys] of walkTo(KEYS.up + KEYS.enter)) {
      await seeQuestion(screen, question);
      screen.type(keys);
    }
    assert.equal(await screen.exited(), 0, screen.history());
    const command = 'build --base debian-bookworm --apn guided.example --ssh --timezone Europe/Berlin';
    assert.ok(
      screen
        .history()
        .endsWith(`The same again, with WWANPI_PASSWORD in the environment:\n\n  wwanpi ${command}`),
      screen.history(),
    );
    assert.ok(!screen.history().includes('open sesame'));
    const sums = await readFile(join(folder, 'out/SHA256SUMS'), 'utf8');
    await rm(join(folder, 'out'), { recursive: true });
    const env = { ...options.env, WWANPI_PASSWORD: 'open sesame' };
    const again = await runCli(command.split(' '), { cwd: folder, env });
    assert.equal(again.exitCode, 0, again.stderr);
    assert.equal(await readFile(join(folder, 'out/SHA256SUMS'), 'utf8'), sums);
    await rm(join(folder, 'out'), { recursive: true });
  });

  test('without a terminal, on a dumb one and in a CI, nothing is asked', async (t) => {
    const { stdout, stderr } = await runCli([]);
    assert.doesNotMatch(`${stdout}${stderr}`, /Which Raspberry Pi/);
    for (const env of [
      ['TERM', 'dumb'],
      ['CI', 'true'],
    ] as const) {
      const screen = openWwanpi(t, [], { ...options, env: { ...options.env, [env[0]]: env[1] } });
      await screen.exited();
      assert.doesNotMatch(screen.history(), /Which Raspberry Pi/);
    }
  });

  test('build asks for a login before the work if nobody could log in', async (t) => {
    const args = ['build', '--apn', 'guided.example', '--base', 'debian-bookworm', '--output', 'asked'];
    const screen = openWwanpi(t, args, options);
    await seeQuestion(screen, 'Nobody can log in');
    screen.type(KEYS.down + KEYS.enter);
    await seeQuestion(screen, 'Which password');
    screen.type(KEYS.escape);
    await seeText(screen, '❯ With a password');
    await assertGoldenScreen('build-asks-for-login', screen.text());
    screen.type(KEYS.ctrlC);
    assert.equal(await screen.exited(), 130);
    assert.deepEqual(await readdir(folder), ['.ssh']);
  });
});

const { enter, down } = KEYS;

/** Each question, by its first words, and the keys that answer it: arrows, a search, texts. */
const WALK: ReadonlyArray<readonly [question: string, keys: string]> = [
  ['Which Raspberry Pi', enter],
  ['Which system', enter],
  ['In which country', enter],
  ['Which carrier', `vodaf${enter}`],
  ['How will you log in', down + enter],
  ['As which user', enter],
  ['Which password', `open sesame${enter}`],
  ['The same password again', `open sesame${enter}`],
  ['Which time zone', enter],
  ['Should the Pi join a Wi-Fi', down + enter],
  ['What is the name of the Wi-Fi', `Home, sweet home${enter}`],
  ['What is its passphrase', `longenough${enter}`],
  ['Does the SIM card ask for a PIN', down + enter],
  ['Which PIN', `4321${enter}`],
  ['What should happen', enter],
];

/** The shortest way to a plan that is taken; `next` are the keys for what should happen with the image. */
function walkTo(next: string): ReadonlyArray<readonly [question: string, keys: string]> {
  return [
    ...WALK.slice(0, 3),
    ['Which carrier', KEYS.up + KEYS.enter],
    ['Which APN', `guided.example${KEYS.enter}`],
    ...WALK.slice(4, 9),
    ['Should the Pi join a Wi-Fi', KEYS.enter],
    ['Does the SIM card ask for a PIN', KEYS.enter],
    ['What should happen', next],
    ['This is the plan', KEYS.enter],
  ];
}

/** Waits until a question is drawn to its last line, which names the keys; gives the whole screen. */
async function seeQuestion(screen: Screen, question: string): Promise<string> {
  await waitFor(`the question ${question}`, () => {
    const text = screen.text();
    return text.replaceAll(/\s+/g, ' ').includes(`? ${question}`) && /Ctrl-C(:| to) leave$/.test(text);
  });
  return screen.text();
}

async function seeText(screen: Screen, wanted: string | RegExp): Promise<string> {
  await waitFor(String(wanted), () =>
    typeof wanted === 'string' ? screen.text().includes(wanted) : wanted.test(screen.text()),
  );
  return screen.text();
}
