import type { BasePlace } from '../../src/core/model.ts';
import type { OwnFiles } from '../../src/recipe/own-files.ts';

const sha256 = 'b'.repeat(64);

/** A small service, a large file, a package and a script, as they are read. */
export const OWN_FILES: OwnFiles = {
  tree: [
    { kind: 'directory', path: '/boot', mode: 0o700 },
    { kind: 'file', path: '/boot/notes.txt', mode: 0o600, content: Buffer.from('notes\n') },
    { kind: 'directory', path: '/etc', mode: 0o700 },
    { kind: 'file', path: '/etc/motd', mode: 0o644, content: Buffer.from('My Pi\n') },
    {
      kind: 'file',
      path: '/lib/systemd/system/app.service',
      mode: 0o644,
      content: Buffer.from('[Service]\nExecStart=/srv/app/run\n'),
    },
    {
      kind: 'symlink',
      path: '/etc/systemd/system/multi-user.target.wants/app.service',
      target: '/lib/systemd/system/app.service',
    },
    { kind: 'directory', path: '/srv/app', mode: 0o750 },
    {
      kind: 'file',
      path: '/srv/app/model',
      mode: 0o640,
      content: { path: '/kept/model', sizeBytes: 3_000_000, sha256 },
    },
    { kind: 'file', path: '/srv/app/run', mode: 0o755, content: Buffer.from('#!/bin/sh\n') },
  ],
  owners: [
    { pattern: '/srv/app/**', user: 'pi', group: 'video', place: 'tree/.wwanpi-owners, line 1' },
    { pattern: '/srv/app/run', user: '0', group: 'pi', place: 'tree/.wwanpi-owners, line 2' },
  ],
  packages: [
    {
      ...{ name: 'hello', version: '2.10-3', architecture: 'armhf', fileName: 'hello_2.10-3_armhf.deb' },
      ...{ content: { path: '/kept/hello', sizeBytes: 70_000, sha256 }, sha256, from: 'file' },
      ...{ control: 'Package: hello\nVersion: 2.10-3\nArchitecture: armhf\n', installedBytes: 250_000 },
    },
  ],
  scripts: [{ name: '01-setup.sh', content: Buffer.from('#!/bin/sh\necho hello\n') }],
};

/** What a base has there: a folder that is a link, a file, and what an earlier build left. */
export const OWN_PLACES: ReadonlyMap<string, BasePlace> = new Map(
  (
    [
      ['/boot', 'directory'],
      ['/etc', 'directory'],
      ['/etc/motd', 'file'],
      ['/lib/systemd/system/app.service', 'nothing', '/usr/lib/systemd/system/app.service'],
      ['/var/lib/wwanpi/first-boot', 'directory'],
      ['/var/lib/wwanpi/first-boot/packages', 'directory'],
      ['/var/lib/wwanpi/first-boot/packages/old_1_all.deb', 'file'],
    ] as const
  ).map(([path, kind, real]) => [path, { path: real ?? path, kind, obstacle: undefined }]),
);
