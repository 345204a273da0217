import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ExecResult } from '../../src/core/exec.ts';
import { packageRoot, readVersion } from '../../src/core/package.ts';
import { createExec } from '../../src/tools/exec.ts';

/** The package as `npm pack` makes it, installed elsewhere with what it depends on, and used there by its name. */
describe('the npm package', () => {
  const exec = createExec({ signal: new AbortController().signal });
  // npm is set up by the user's environment and files.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([, value]) => value !== undefined),
  ) as Record<string, string>;
  let folder = '';
  let files: string[] = [];
  const run = (...args: string[]): Promise<ExecResult> =>
    exec([join(folder, 'prefix/bin/wwanpi'), ...args], { cwd: join(folder, 'empty'), env });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-package-'));
    await chmod(folder, 0o755);
    await mkdir(join(folder, 'empty'));
    // Without its scripts: `prepack` builds dist anew, which other tests are running from.
    const packed = await exec(['npm', 'pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
      ...{ cwd: packageRoot, env },
    });
    // npm 11 prints an array, older ones too; a later one an object by package name.
    const [info] = Object.values(JSON.parse(packed.stdout)) as {
      filename: string;
      files: { path: string }[];
    }[];
    files = info?.files.map(({ path }) => path) ?? [];
    await exec(
      [
        ...(['npm', 'install', '--global', '--prefix', join(folder, 'prefix'), '--prefer-offline'] as const),
        ...['--no-audit', '--no-fund', join(folder, info?.filename ?? '')],
      ],
      { cwd: join(folder, 'empty'), env },
    );
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('prepack builds what is packed', () => {
    const { scripts } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
    assert.match(scripts.prepack, /npm run clean && npm run build$/);
  });

  test('holds the built program and its data, all of it, and neither sources nor tests', () => {
    const list = (top: string) =>
      readdirSync(join(packageRoot, top), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(packageRoot.length + 1));
    const page = 'dist/src/catalogue/page/';
    const built = ['dist/src/cli.js', 'dist/src/action.js', `${page}script.js`, `${page}style.css`];
    // The program is bundled: each part that another names is there.
    for (const path of files.filter((each) => /^dist\/src\/(?:[^/]+|parts\/.*)\.js$/.test(each))) {
      const text = readFileSync(join(packageRoot, path), 'utf8');
      const named = text.matchAll(
        /^(?:import|\} from|(?:import|export) .* from) "(\.[^"]+)";$|\bimport\("(\.[^"]+)"\)/gm,
      );
      for (const [, one, two] of named) built.push(join(path, '..', one ?? two ?? ''));
    }
    assert.ok(built.length > 100, `${built.length}`);
    const data = ['overlays', 'examples'].flatMap(list);
    const others = [
      'dist/wwanpi.1',
      'dist/src/licences.txt',
      'package.json',
      'README.md',
      'CHANGELOG.md',
      'LICENSE',
    ];
    for (const path of [...built, ...data, ...others]) assert.ok(files.includes(path), path);
    for (const path of files)
      assert.doesNotMatch(path, /^(src|stage|test|node_modules)\/|\.ts$|\.map$|\.tgz$/);
    const { files: wanted } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
    for (const path of wanted) assert.ok(existsSync(join(packageRoot, path)), `package.json: files: ${path}`);
  });

  test('runs by its name, and man(1) finds its page', async () => {
    assert.equal((await run('--version')).stdout, `${readVersion()}\n`);
    const page = await readlink(join(folder, 'prefix/share/man/man1/wwanpi.1'));
    assert.match(page, /wwanpi\/dist\/wwanpi\.1$/);
    const { stdout } = await exec(['mandoc', '-T', 'ascii', join(folder, 'prefix/share/man/man1/wwanpi.1')]);
    assert.match(stdout, /WWANPI\(1\)/);
  });

  test('wwanpi doctor finds the tools of this machine', async () => {
    assert.match((await run('doctor')).stdout, /All programs that wwanpi uses are installed/);
    assert.equal((await run('doctor', '--missing')).stdout, '');
  });

  test('plans an image from its own overlays, and leaves nothing where it was run', async () => {
    const { stdout } = await run('build', '--dry-run', '--base', 'debian-bookworm', '--apn', 'internet');
    assert.match(stdout, /^\+ \/etc\/network\/interfaces\.d\/wwan0 /m);
    assert.match(stdout, /^\+ \/usr\/bin\/wwan-doctor /m);
    assert.deepEqual(await readdir(join(folder, 'empty')), []);
  });

  test('its example fleet can be read', async () => {
    const example = join(folder, 'prefix/lib/node_modules/wwanpi/examples/fleet.yaml');
    const { stdout } = await run('fleet', example, '--matrix', 'github', '--shards', '2');
    assert.equal(JSON.parse(stdout).include.length, 2);
  });
});
