import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { packageRoot } from '../../src/core/package.ts';
import { createExec } from '../../src/tools/exec.ts';
import { createRunner, type Runner } from '../helpers/action-runner.ts';
import { type ActionFile, listSteps, readScript, readYaml } from '../helpers/ci-files.ts';
import { sshServerLack, startSshServer } from '../helpers/ssh-server.ts';

const FLEET = `defaults: {base: debian-bookworm, hostname: "pi-{name}"}
images:
  - {name: first, apn: one.example}
  - {name: second, apn: two.example, password-env: FLEET_PASSWORD}
`;

/** What of the project the action needs where it is checked out. */
const ACTION_FILES = [
  ...['action.yml', 'package.json', 'package-lock.json', '.npmrc', 'tsconfig.json'],
  ...['src', 'stage', 'scripts', 'overlays', 'wwanpi'],
];

/**
 * The action and the example pipelines, script by script, as a runner runs them, on a fleet of two: what is stood in for
 * are other people's actions (checkout, setup-node, cache, artifacts) and GitLab's own moving of files.
 */
describe('the CI files at work on debian-bookworm', () => {
  const exec = createExec({ signal: new AbortController().signal });
  const workflow = listSteps('examples/github-fleet.yml');
  let folder = '';
  let workspace = '';
  let runner: Runner;
  const script = (name: string): string => {
    const found = workflow.find((step) => step.id === name || step.name === name)?.run;
    assert.ok(found !== undefined, name);
    return found;
  };
  const checkSums = (path: string) =>
    exec(['sha256sum', '--strict', '--check', '--quiet', 'SHA256SUMS'], { cwd: join(workspace, path) });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-ci-'));
    workspace = join(folder, 'workspace');
    await mkdir(workspace);
    await writeFile(join(workspace, 'fleet.yaml'), FLEET);
    const actionPath = join(folder, 'action');
    for (const path of ACTION_FILES)
      await cp(join(packageRoot, path), join(actionPath, path), { recursive: true });
    const action = readYaml<ActionFile>('action.yml');
    runner = await createRunner(action, { folder: join(folder, 'runner'), workspace, actionPath });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('with nothing to build, the action makes wwanpi from its sources and puts it on the PATH', async () => {
    const result = await runner.runAction({});
    assert.equal(result.exitCode, 0, result.output);
    assert.deepEqual(result.ran, ['wwanpi', 'Build']);
    const { exitCode, output } = await runner.runScript('wwanpi --version && command -v wwanpi');
    assert.equal(exitCode, 0, output);
    assert.match(output, /^\d+\.\d+\.\d+\n.*\/runner\/temp\/wwanpi\/wwanpi\n$/);
  });

  test("an input is never run: a shell's words in it are the value of its option", async () => {
    for (const [name, value] of [
      ['apn', '$(touch pwned)`touch pwned`"; touch pwned; \'\ntouch pwned'],
      ['name', '--help'],
      ['args', '$(touch pwned)'],
      ['debian-mirror', 'x\ntouch pwned'],
    ] as const) {
      const result = await runner.runAction({ apn: 'a b', base: 'debian-bookworm', [name]: value }, [
        'wwanpi',
      ]);
      assert.equal(result.exitCode, 2, result.output);
      assert.match(result.output, /--apn |Unknown command: \$\(touch/);
      assert.equal(result.ran.at(-1), 'Build');
      assert.deepEqual(await readdir(workspace), ['fleet.yaml'], name);
    }
  });

  test('an input that belongs into the fleet file fails with its name, before anything is built', async () => {
    const result = await runner.runAction({ fleet: 'fleet.yaml', metric: '5' }, ['wwanpi']);
    assert.equal(result.exitCode, 2);
    assert.match(result.output, /metric is for one image; in a fleet it belongs in fleet\.yaml/);
  });

  test("GitHub: the matrix, each shard by the action, and the shards' folders put together", async (t) => {
    const plan = await runner.runScript(script('matrix'));
    assert.equal(plan.exitCode, 0, plan.output);
    const { include } = JSON.parse(plan.outputs.matrix ?? '') as { include: { shard: string }[] };
    assert.deepEqual(
      include.map(({ shard }) => shard),
      ['1/2', '2/2'],
    );

    const given = workflow.find((step) => step.with?.shard !== undefined)?.with ?? {};
    for (const [index, { shard }] of include.entries()) {
      process.env.FLEET_PASSWORD = 'correct horse battery';
      t.after(() => delete process.env.FLEET_PASSWORD);
      // As the workflow has it, but for what takes minutes: the packer's level and the boot test.
      const result = await runner.runAction(
        { ...toText(given), shard, level: '0', boot: index === 0 ? 'no-such-scenario' : '' },
        ['wwanpi'],
      );
      const name = index === 0 ? 'first' : 'second';
      // A boot test that fails comes after all that was built.
      assert.equal(result.exitCode, index === 0 ? 2 : 0, result.output);
      if (index === 0)
        assert.match(result.output, /::group::wwanpi boot no-such-scenario\n[\s\S]*no-such-scenario/);
      assert.equal(result.outputs.image, `out/${name}.img.xz`);
      assert.match(result.outputs.sha256 ?? '', /^[0-9a-f]{64}$/);
      assert.equal(JSON.parse(result.outputs.json ?? '').entries[0].name, name);
      if (index === 1) assert.match(result.summary, /[0-9a-f]{64} {2}second\.img\.xz/);
      // What the workflow uploads as one artifact and downloads into a folder of its name.
      await mkdir(join(workspace, 'shards'), { recursive: true });
      await rename(join(workspace, 'out'), join(workspace, `shards/shard-${index}`));
    }
    const collected = await runner.runScript(script('One folder of all shards, every hash checked'));
    assert.equal(collected.exitCode, 0, collected.output);
    const names = await readdir(join(workspace, 'release'));
    for (const name of ['first.img.xz', 'second.img.xz', 'SHA256SUMS', 'fleet.json'])
      assert.ok(names.includes(name), name);
    await checkSums('release');
  });

  test('GitHub: the release is published by the key and the host key of the environment', async (t) => {
    const lack = sshServerLack();
    if (lack !== undefined) return t.skip(lack);
    const server = await startSshServer(t);
    const { stdout } = await exec(['ssh-keygen', '-lf', join(server.folder, 'host_ed25519.pub')]);
    const published = await runner.runScript(script('Publish'), {
      PUBLISH_URL: `sftp://${server.user}@127.0.0.1:${server.port}${server.target}`,
      PUBLISH_HOST_KEY: stdout.split(' ')[1] ?? '',
      PUBLISH_KEY: (await readFile(server.identity, 'utf8')).trimEnd(),
    });
    assert.equal(published.exitCode, 0, published.output);
    assert.equal(
      await readFile(join(server.target, 'SHA256SUMS'), 'utf8'),
      await readFile(join(workspace, 'release/SHA256SUMS'), 'utf8'),
    );
    await exec(['sha256sum', '--strict', '--check', '--quiet', 'SHA256SUMS'], { cwd: server.target });
  });

  test('GitLab: the plan, each job of its matrix, and what the last job puts together', async () => {
    await rm(join(workspace, 'release'), { recursive: true, force: true });
    await rm(join(workspace, 'shards'), { recursive: true, force: true });
    // wwanpi is there already, and so are the packages.
    const linesOf = (file: string, job: string) =>
      readScript(file, job).filter((line) => !/^(npm install --global wwanpi|apt-get update)/.test(line));
    const run = async (lines: readonly string[], env: Record<string, string> = {}) => {
      const result = await runner.runScript(lines.join('\n'), env);
      assert.equal(result.exitCode, 0, result.output);
    };
    await run(linesOf('examples/gitlab-ci.yml', 'plan'));
    const shards = parse(await readFile(join(workspace, 'shards.yml'), 'utf8'))['.wwanpi-fleet'].parallel
      .matrix as {
      SHARD: string[];
    }[];
    const build = linesOf('examples/gitlab-fleet.yml', 'build').filter(
      (line) => !line.includes('wwanpi boot'),
    );
    assert.equal(build.length, 2);
    for (const [index, { SHARD }] of shards.entries()) {
      await run(
        build.map((line) => line.replace('--compress xz', '--compress xz --level 0')),
        { SHARD: SHARD[0] ?? '', CI_NODE_INDEX: String(index + 1), FLEET_PASSWORD: 'correct horse battery' },
      );
    }
    await run(linesOf('examples/gitlab-fleet.yml', 'publish').filter((line) => line.includes('--collect')));
    await checkSums('release');
    assert.ok((await readdir(join(workspace, 'release'))).includes('second.img.xz'));
  });
});

/** GitHub makes text of every input. */
function toText(given: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]));
}
