import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Stack } from '../../../src/core/model.ts';
import { createTestContext } from '../../helpers/context.ts';
import { renderOverlays } from '../../helpers/rendered-overlays.ts';

/** Every setting that the units use: each is in systemd 232 (systemd.exec(5), systemd.service(5) of Debian 9). */
const KNOWN = [
  ...[
    'Type',
    'RemainAfterExit',
    'ExecStart',
    'ExecStopPost',
    'Restart',
    'RestartSec',
    'KillMode',
    'TimeoutStartSec',
    'SyslogIdentifier',
    'Environment',
    'RuntimeMaxSec',
    'Nice',
    'ReadOnlyPaths',
    'ReadWritePaths',
  ],
  ...['ProtectSystem', 'ProtectHome', 'PrivateTmp', 'ProtectControlGroups', 'ProtectKernelModules'],
  ...['ProtectKernelTunables', 'NoNewPrivileges', 'MemoryDenyWriteExecute', 'RestrictRealtime'],
  ...['RestrictAddressFamilies', 'CapabilityBoundingSet'],
];
/** The least that each has to have. */
const SANDBOX = ['ProtectSystem', 'ProtectHome', 'NoNewPrivileges', 'RestrictAddressFamilies'];

/** What an image of each gets; most files are in both. */
const STACKS = ['ifupdown', 'networkmanager'] as const;
const inFolder = (stack: Stack, name: string) => join(renderOverlays(stack), 'etc/systemd/system', name);

async function listServices(
  stack: Stack,
): Promise<readonly (readonly [path: string, settings: readonly string[]])[]> {
  const files = await readdir(inFolder(stack, ''), { recursive: true });
  const names = files.filter((name) => /\.(service|conf)$/.test(name));
  return Promise.all(
    names.map(async (name) => {
      const [, service = ''] = (await readFile(inFolder(stack, name), 'utf8')).split(/^\[Service\]$/m);
      const own = service.split(/^\[/m)[0] ?? '';
      return [name, [...own.matchAll(/^(\w+)=/gm)].map(([, key = '']) => key)] as const;
    }),
  );
}

for (const stack of STACKS) {
  test(`${stack}: the units use what systemd 232 knows, and each is sandboxed`, async () => {
    const services = await listServices(stack);
    assert.ok(services.length >= 4);
    for (const [name, settings] of services) {
      assert.deepEqual(
        settings.filter((key) => !KNOWN.includes(key)),
        [],
        name,
      );
      // The packages and scripts that this one runs may change anything.
      if (!name.endsWith('.service') || name === 'wwanpi-first-boot.service') continue;
      for (const key of SANDBOX) assert.ok(settings.includes(key), `${name}: ${key}`);
    }
  });

  test(`${stack}: nothing is made writable that ProtectSystem makes read-only: systemd takes back only what lies below`, async () => {
    const names = (await readdir(inFolder(stack, ''))).filter((name) => name.endsWith('.service'));
    for (const name of names) {
      const text = await readFile(inFolder(stack, name), 'utf8');
      const level = /^ProtectSystem=(\w+)$/m.exec(text)?.[1] ?? 'no';
      const closed = { no: [], yes: ['/usr', '/boot'], full: ['/usr', '/boot', '/etc'] }[level] ?? [];
      const opened = /^ReadWritePaths=(.*)$/m.exec(text)?.[1]?.split(' ') ?? [];
      for (const path of opened) assert.ok(!closed.includes(path.replace(/^-/, '')), `${name}: ${path}`);
    }
  });

  test(`${stack}: systemd finds nothing to say about them`, async (t) => {
    const { exec } = await createTestContext(t);
    if (!existsSync('/usr/bin/systemd-analyze')) return t.skip('no systemd-analyze');
    const paths = (await listServices(stack))
      .map(([name]) => inFolder(stack, name))
      .filter((path) => path.endsWith('.service'));
    const { stdout, stderr } = await exec(['systemd-analyze', 'verify', '--man=no', ...paths], {
      okExitCodes: [1],
    });
    // The scripts lie in the image, not here, and placeholders have no values yet.
    const said = `${stdout}${stderr}`
      .split('\n')
      .filter((line) => line !== '' && !/Command .* is not executable|@@[A-Z]+@@/.test(line));
    assert.deepEqual(said, []);
  });
}
