import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { z } from 'zod';
import { EXIT_CODES } from '../../src/core/exit-codes.ts';
import { type CliOptions, type CliResult, runCli } from '../helpers/cli.ts';

const common = { ts: z.iso.datetime(), level: z.enum(['info', 'warning', 'error']) };
const count = z.number().int().nonnegative();
const text = z.string().min(1);

/** What `--log json` may say, as the manual page has it. */
const lineSchema = z.discriminatedUnion('event', [
  z.strictObject({ ...common, event: z.literal('step-start'), step: text }),
  z.strictObject({
    ...common,
    event: z.literal('step-end'),
    step: text,
    message: z.string().optional(),
    seconds: z.number(),
  }),
  z.strictObject({ ...common, event: z.literal('info'), message: text }),
  z.strictObject({ ...common, event: z.literal('warning'), message: text }),
  z.strictObject({
    ...common,
    event: z.literal('progress'),
    step: text,
    bytes: count,
    totalBytes: count.optional(),
  }),
  z.strictObject({ ...common, event: z.literal('image-start'), image: text, done: count, total: count }),
  z.strictObject({
    ...common,
    event: z.literal('image-step'),
    image: text,
    step: text,
    done: count,
    total: count,
  }),
  z.strictObject({
    ...{
      ...common,
      event: z.literal('image-end'),
      image: text,
      verdict: z.enum(['built', 'unchanged', 'failed']),
    },
    ...{ bytes: count.optional(), seconds: z.number(), message: text.optional(), done: count, total: count },
  }),
  z.strictObject({
    ...{ ...common, event: z.literal('error'), exitCode: z.number(), message: text, hint: text.optional() },
    code: z.enum(EXIT_CODES.map(({ code }) => code) as [string, ...string[]]),
    detail: text.optional(),
    faults: z.array(text).optional(),
    issues: z
      .array(
        z.strictObject({
          option: text.optional(),
          value: z.string().optional(),
          message: text,
          hint: text.optional(),
          place: z.strictObject({ file: text, line: count, column: count }).optional(),
        }),
      )
      .optional(),
  }),
]);
type Line = z.infer<typeof lineSchema>;

async function run(
  args: readonly string[],
  options: CliOptions = {},
): Promise<CliResult & { lines: Line[] }> {
  const result = await runCli([...args, '--log', 'json'], options);
  const lines = result.stderr
    .split('\n')
    .slice(0, -1)
    .map((line) => lineSchema.parse(JSON.parse(line)));
  return { ...result, lines };
}

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'wwanpi-log-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('a build tells its steps as JSON lines, and its result on standard output as ever', async () => {
  const { lines, stdout, exitCode, stderr } = await run([
    'build',
    '--dry-run',
    '--base',
    'debian-bookworm',
    '--apn',
    'x',
  ]);
  assert.equal(exitCode, 0, stderr);
  assert.match(stdout, /^\+ \/etc\/network\/interfaces\.d\/wwan0 /m);
  const steps = (event: string) =>
    lines.flatMap((line) => (line.event === event && 'step' in line ? [line.step] : []));
  assert.deepEqual(steps('step-start').sort(), steps('step-end').sort());
  assert.ok(steps('step-end').includes('Plan'));
  assert.ok(lines.some(({ event, level }) => event === 'warning' && level === 'warning'));
});

test('a fleet tells of each image, and its failure last, with the exit code of the process', async (t) => {
  const folder = await makeFolder(t);
  await writeFile(join(folder, 'bad.img'), 'no image\n'.repeat(200));
  await writeFile(
    join(folder, 'fleet.yaml'),
    'images:\n  - {name: bad, apn: x, base: bad.img}\n  - {name: good, apn: y, base: debian-bookworm}\n',
  );
  const { lines, exitCode } = await run(['fleet', join(folder, 'fleet.yaml'), '--dry-run', '--keep-going']);
  const ends = lines.flatMap((line) =>
    line.event === 'image-end' ? [[line.image, line.verdict, line.level]] : [],
  );
  assert.deepEqual(ends.sort(), [
    ['bad', 'failed', 'warning'],
    ['good', 'built', 'info'],
  ]);
  const last = lines.at(-1);
  assert.ok(last?.event === 'error');
  assert.deepEqual([last.code, last.exitCode, exitCode], ['input', 2, 2]);
  assert.equal(lines.filter(({ event }) => event === 'error').length, 1);
});

test('whatever is refused is one line with code and exit code, a command line that is none too', async (t) => {
  const folder = await makeFolder(t);
  const cases: [string[], number, string, Record<string, string>?][] = [
    [['bulid'], 2, 'input'],
    [['build', '--base', 'none', '--metric', 'x'], 2, 'input'],
    [['fleet', join(folder, 'none.yaml')], 2, 'input'],
    [['inspect', join(folder, 'none.img')], 2, 'input'],
    [['boot', join(folder, 'none.img')], 2, 'input'],
    [['carriers', '--country', 'xx'], 2, 'input'],
    [['build', '--apn', 'x'], 8, 'network', { WWANPI_DOWNLOADS_URL: 'http://127.0.0.1:9' }],
  ];
  for (const [args, code, word, env] of cases) {
    const result = await run(args, { cwd: folder, env: { XDG_CACHE_HOME: join(folder, 'cache'), ...env } });
    const last = result.lines.at(-1);
    assert.ok(last?.event === 'error', args.join(' '));
    assert.deepEqual([last.code, last.exitCode, result.exitCode], [word, code, code], result.stderr);
    assert.equal(result.stdout, '');
    if (args.includes('--metric')) {
      assert.equal(last.faults?.length, 3);
      assert.deepEqual(last.issues?.map(({ option }) => option).sort(), ['apn', 'base', 'metric']);
    }
  }
});

test('an issue of a fleet file has its option and its place', async (t) => {
  const folder = await makeFolder(t);
  const path = join(folder, 'fleet.yaml');
  await writeFile(path, 'images:\n  - apn: x\n    hostname: a_b\n    base: debian-bookworm\n');
  const { lines } = await run(['fleet', path], { env: { XDG_CACHE_HOME: join(folder, 'cache') } });
  const last = lines.at(-1);
  assert.ok(last?.event === 'error');
  assert.deepEqual(
    last.issues?.map(({ option, value, place }) => ({ option, value, place })),
    [{ option: 'hostname', value: 'a_b', place: { file: 'fleet.yaml', line: 3, column: 5 } }],
  );
});
