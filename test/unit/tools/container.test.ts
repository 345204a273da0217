import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ToolFailedError, ToolMissingError } from '../../../src/core/errors.ts';
import type { Argv, Exec, ExecOptions } from '../../../src/core/exec.ts';
import {
  buildContainerImage,
  type ContainerRun,
  type EngineFacts,
  engineEnv,
  formatBuildArgv,
  formatMount,
  formatRunArgv,
  probeEngine,
  readImageLabels,
} from '../../../src/tools/container.ts';
import { createTestContext } from '../../helpers/context.ts';

const RUN: ContainerRun = {
  image: 'wwanpi:0.1.0',
  mounts: [
    { path: '/home/u/.cache/wwanpi', writable: true },
    { path: '/home/u/key.pub', writable: false },
  ],
  variables: ['WWANPI_PIN'],
  user: { uid: 1000, gid: 100 },
  args: ['build', '--apn=internet'],
};

const USERS: readonly (readonly [EngineFacts, ContainerRun['user'], readonly string[]])[] = [
  [{ engine: 'docker', rootless: false }, RUN.user, ['--user=1000:100']],
  // The daemon's user namespace has the caller as its 0, and no other of the host's users.
  [{ engine: 'docker', rootless: true }, RUN.user, ['--user=0:0']],
  [{ engine: 'podman', rootless: false }, RUN.user, ['--user=1000:100']],
  [{ engine: 'podman', rootless: true }, RUN.user, ['--userns=keep-id', '--user=1000:100']],
  [{ engine: 'docker', rootless: false }, 'root', ['--user=0:0']],
  [{ engine: 'podman', rootless: true }, 'root', ['--user=0:0']],
];

for (const [facts, user, expected] of USERS) {
  test(`${facts.rootless ? 'rootless ' : ''}${facts.engine} runs as ${user === 'root' ? 'root' : 'the caller'}`, () => {
    assert.deepEqual(formatRunArgv(facts, { ...RUN, user }), [
      facts.engine,
      'run',
      '--rm',
      ...expected,
      '--security-opt=label=disable',
      '--workdir=/opt/wwanpi/dist',
      '--mount=type=bind,source=/home/u/.cache/wwanpi,target=/home/u/.cache/wwanpi',
      '--mount=type=bind,source=/home/u/key.pub,target=/home/u/key.pub,readonly',
      '--env=WWANPI_PIN',
      'wwanpi:0.1.0',
      'build',
      '--apn=internet',
    ]);
  });
}

test('no option gives a container more rights', () => {
  const argv = formatRunArgv({ engine: 'docker', rootless: false }, RUN).join(' ');
  assert.doesNotMatch(argv, /--privileged|--device|--cap-add|seccomp|--pid|--ipc|--network/);
});

test('paths of any sort are one field of a mount', () => {
  const mount = (path: string) => formatMount({ path, writable: true });
  assert.equal(mount('/a:b c'), 'type=bind,source=/a:b c,target=/a:b c');
  assert.equal(mount('/a,b'), 'type=bind,"source=/a,b","target=/a,b"');
  assert.equal(mount('/a"b'), 'type=bind,"source=/a""b","target=/a""b"');
});

test('an image is built with its labels and secrets', () => {
  const build = {
    tag: 'wwanpi:0.1.0',
    folder: '/opt/wwanpi',
    labels: { 'wwanpi.sources': 'abc' },
    secrets: { npmrc: '/home/u/.npmrc' },
  };
  assert.deepEqual(formatBuildArgv('podman', build), [
    'podman',
    'build',
    '--tag=wwanpi:0.1.0',
    '--label=wwanpi.sources=abc',
    '--secret=id=npmrc,src=/home/u/.npmrc',
    '/opt/wwanpi',
  ]);
});

test('an image may take hours to be built: it installs packages and compiles', async (t) => {
  const limits: (number | undefined)[] = [];
  const exec: Exec = async (_argv, options) => {
    limits.push(options?.timeoutMs);
    return { exitCode: 0, stdout: '', stdoutBytes: new Uint8Array(), stderr: '' };
  };
  const build = { tag: 'wwanpi:0.1.0', folder: '/opt/wwanpi', labels: {}, secrets: {} };
  await buildContainerImage({ ...(await createTestContext(t)), exec }, 'docker', build);
  assert.ok((limits[0] ?? 0) >= 4 * 3_600_000, String(limits));
});

const PROBES: readonly (readonly [EngineFacts['engine'], string, boolean])[] = [
  ['docker', '["name=seccomp,profile=builtin","name=cgroupns"]\n', false],
  ['docker', '["name=seccomp,profile=builtin","name=rootless","name=cgroupns"]\n', true],
  ['podman', 'true\n', true],
  ['podman', 'false\n', false],
];

for (const [engine, stdout, rootless] of PROBES) {
  test(`${engine} that says ${stdout.trim()} is ${rootless ? '' : 'not '}rootless`, async () => {
    const { exec, calls } = answering({ stdout });
    assert.deepEqual(await probeEngine(exec, engine), { engine, rootless });
    assert.deepEqual(calls[0]?.argv.slice(0, 2), [engine, 'info']);
  });
}

test('an engine that is missing, or does not answer, is an error with a way out', async () => {
  const failing =
    (error: Error): Exec =>
    () =>
      Promise.reject(error);
  await assert.rejects(probeEngine(failing(new ToolMissingError('x')), 'docker'), (error) => {
    assert.ok(error instanceof ToolMissingError);
    assert.equal(error.message, 'docker is required for --in docker');
    assert.match(error.hint ?? '', /without --in/);
    return true;
  });
  const silent = new ToolFailedError('docker failed', { detail: 'Cannot connect to the Docker daemon' });
  await assert.rejects(probeEngine(failing(silent), 'docker'), (error) => {
    assert.ok(error instanceof ToolFailedError);
    assert.equal(error.message, 'docker does not answer');
    assert.match(error.detail ?? '', /Cannot connect/);
    return true;
  });
});

test('the labels of an image, of one without any, and of one that is not there', async () => {
  const labels = async (answer: { stdout?: string; exitCode?: number }) =>
    readImageLabels(answering(answer).exec, 'podman', 'wwanpi:0.1.0');
  assert.deepEqual(await labels({ stdout: '{"wwanpi.sources":"abc"}\n' }), { 'wwanpi.sources': 'abc' });
  assert.deepEqual(await labels({ stdout: 'null\n' }), {});
  assert.equal(await labels({ exitCode: 125 }), undefined);
});

test("an engine's client gets its own settings of the environment, and no others", () => {
  const environment = {
    DOCKER_HOST: 'ssh://box',
    XDG_RUNTIME_DIR: '/run/user/1000',
    CONTAINERS_CONF: '/c',
    AWS_SECRET_ACCESS_KEY: 'x',
    WWANPI_PIN: '1234',
  };
  assert.deepEqual(Object.keys(engineEnv(environment)), [
    'DOCKER_HOST',
    'XDG_RUNTIME_DIR',
    'CONTAINERS_CONF',
  ]);
});

function answering(answer: { stdout?: string; exitCode?: number }) {
  const calls: { argv: Argv; options: ExecOptions | undefined }[] = [];
  const stdout = answer.stdout ?? '';
  const exec: Exec = async (argv, options) => {
    calls.push({ argv, options });
    return { exitCode: answer.exitCode ?? 0, stdout, stdoutBytes: Buffer.from(stdout), stderr: '' };
  };
  return { exec, calls };
}
