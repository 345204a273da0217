import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import type { Context } from '../../../../src/core/context.ts';
import { ToolFailedError } from '../../../../src/core/errors.ts';
import type { Argv, Exec, ExecOptions } from '../../../../src/core/exec.ts';
import { packageRoot } from '../../../../src/core/package.ts';
import type { Apt } from '../../../../src/tools/debian/apt.ts';
import { LEFT_OUT, makeRoot } from '../../../../src/tools/debian/mmdebstrap.ts';
import { resolveModules } from '../../../../src/tools/kmod.ts';
import { createTestContext } from '../../../helpers/context.ts';

function recorder(stdout = ''): { exec: Exec; calls: { argv: Argv; options: ExecOptions | undefined }[] } {
  const calls: { argv: Argv; options: ExecOptions | undefined }[] = [];
  const exec: Exec = async (argv, options) => {
    calls.push({ argv, options });
    return { exitCode: 0, stdout, stdoutBytes: Buffer.from(stdout), stderr: '' };
  };
  return { exec, calls };
}

const OPTIONS = {
  folder: '/cache/root',
  packages: ['udev', 'sudo'],
  leftOut: LEFT_OUT,
  extractHook: '/o/extract.sh',
  essentialHook: '/o/essential.sh',
  epochSeconds: 1_700_000_000,
  totalPackages: 3,
  step: { update: () => undefined },
};

function aptWith(context: Context): Apt {
  const source = { uri: 'http://m.test/debian', suite: 'bookworm', components: ['main'], signedBy: '/k.gpg' };
  return {
    context,
    architecture: 'armhf',
    codename: 'bookworm',
    sources: [source],
    configured: [source],
    transport: ['Acquire::http::Proxy "http://p.test:3128";'],
    epochSeconds: 1_700_000_000,
    configPath: '/unused',
    fresh: false,
    answers: undefined,
  };
}

/** After the recipe's own hooks: those may still replace a program that these put aside. */
const NATIVE = [
  ...['extract', 'essential', 'customize'].map(
    (name) => `--${name}-hook=${join(packageRoot, 'overlays/native-programs', name)}.sh`,
  ),
  '--aptopt=DPkg::Path "/.wwanpi-native/bin:/usr/sbin:/usr/bin:/sbin:/bin"',
];

test('mmdebstrap runs in namespaces of its own, with the sources on its standard input', async (t) => {
  const { exec, calls } = recorder();
  const apt = aptWith({ ...(await createTestContext(t)), exec });
  await makeRoot(apt, OPTIONS);
  const namespaces = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  assert.deepEqual(calls[0]?.argv, [...namespaces, 'true']);
  assert.deepEqual(calls[1]?.argv, [
    ...namespaces,
    'mmdebstrap',
    '--mode=root',
    '--format=directory',
    '--verbose',
    '--variant=apt',
    '--architectures=armhf',
    '--include=udev,sudo',
    '--aptopt=Acquire::http::Proxy "http://p.test:3128"',
    '--aptopt=Apt::Install-Recommends "false"',
    '--dpkgopt=force-unsafe-io',
    ...LEFT_OUT.map((option) => `--dpkgopt=${option}`),
    '--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr',
    '--extract-hook=/o/extract.sh',
    '--essential-hook=/o/essential.sh',
    ...(process.arch === 'x64' ? NATIVE : []),
    'bookworm',
    '/cache/root',
    '-',
  ]);
  assert.equal(calls[1]?.options?.env?.SOURCE_DATE_EPOCH, '1700000000');
  assert.match(
    calls[1]?.options?.env?.PATH ?? '',
    process.arch === 'x64' ? /^\/\.wwanpi-native\/bin:\// : /^\//,
  );
  assert.match(String(calls[1]?.options?.input), /^URIs: http:\/\/m\.test\/debian\nSuites: bookworm$/m);
});

test('mmdebstrap says which package it is at', async (t) => {
  const told: string[] = [];
  const exec: Exec = async (_argv, options) => {
    for (const line of [
      'I: downloading packages with apt...',
      'Get:1 http://m.test/debian bookworm/main armhf udev',
      'Unpacking udev (252.1) ...',
      'Setting up udev (252.1) ...',
      'Unpacking sudo (1.9) ...',
    ]) {
      options?.onLine?.(line);
    }
    return { exitCode: 0, stdout: '', stdoutBytes: Buffer.alloc(0), stderr: '' };
  };
  const step = { update: (text: string) => told.push(text) };
  await makeRoot(aptWith({ ...(await createTestContext(t)), exec }), { ...OPTIONS, step });
  assert.deepEqual(told, [
    'downloading packages with apt',
    'unpacking 1 of 3 packages',
    'setting up 1 of 3 packages',
    'unpacking 2 of 3 packages',
  ]);
});

test('in a container that may make no namespaces, mmdebstrap runs without', async (t) => {
  const { exec, calls } = recorder();
  const refusing: Exec = async (argv, options) => {
    if (argv[0] === 'unshare') throw new ToolFailedError('unshare failed with exit code 1');
    return exec(argv, options);
  };
  await makeRoot(aptWith({ ...(await createTestContext(t)), exec: refusing }), OPTIONS);
  assert.deepEqual(calls[0]?.argv.slice(0, 3), ['env', 'mmdebstrap', '--mode=root']);
});

test('modules come in load order, each once, without what is built in', async (t) => {
  const { exec, calls } = recorder(
    'insmod /r/lib/modules/6.1/kernel/fs/mbcache.ko \nbuiltin mmc_block\ninsmod /r/lib/modules/6.1/kernel/fs/ext4.ko \ninsmod /r/lib/modules/6.1/kernel/fs/mbcache.ko \n',
  );
  const context = { ...(await createTestContext(t)), exec };
  assert.deepEqual(await resolveModules(context, '/r', '6.1', ['ext4', 'mmc_block']), [
    'lib/modules/6.1/kernel/fs/mbcache.ko',
    'lib/modules/6.1/kernel/fs/ext4.ko',
  ]);
  assert.deepEqual(calls[0]?.argv.slice(0, 5), ['modprobe', '--dirname', '/r', '--set-version', '6.1']);
});
