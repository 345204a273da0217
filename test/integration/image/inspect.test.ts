import assert from 'node:assert/strict';
import { stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { findRawDisk } from '../../../src/base/unpack-image.ts';
import { diffImages, formatDiff, formatDiffJson } from '../../../src/commands/diff.ts';
import { formatImageReport, formatImageReportJson, inspectImage } from '../../../src/commands/inspect.ts';
import { createTestContext } from '../../helpers/context.ts';
import { makeImage } from '../../helpers/image.ts';
import { locateFatEntry, patch } from '../../helpers/patch-image.ts';

test('inspect tells partitions, system, libqmi, network files and units, and no secret', async (t) => {
  const context = await createTestContext(t);
  const wants = '/etc/systemd/system/multi-user.target.wants';
  const disk = await makeImage(context, 'a.img', {
    root: {
      '/etc/os-release': 'ID=raspbian\nVERSION="9 (stretch)"\nPRETTY_NAME="Raspbian 9"\n',
      '/var/lib/dpkg/status':
        'Package: bash\nStatus: install ok installed\nVersion: 4.4\n\nPackage: libqmi-utils\nStatus: hold ok installed\nVersion: 1.16.0-1\n\nPackage: modemmanager\nStatus: install ok installed\nVersion: 1.6.4-1\n',
      '/etc/network/interfaces.d/wwan0': 'allow-hotplug wwan0\n',
      '/etc/qmi-network.conf': 'APN=a.b\nAPN_USER=joe\nAPN_PASS=s3cret\n',
      '/etc/resolv.conf.head': 'nameserver 1.1.1.1\n\x1b[2J\n',
      '/etc/dhcpcd.conf': '# denyinterfaces no\nhostname\ndenyinterfaces wwan0\n',
      '/etc/systemd/system/wwanpi-ndisdup.service': '[Unit]\n',
      '/etc/udev/rules.d/90-w.rules': 'ENV{SYSTEMD_WANTS}+="wwanpi-ndisdup.service"\n',
      '/etc/hostname': 'lte-7\n',
      '/etc/timezone': 'Europe/Berlin\n',
      '/etc/default/locale': 'LANG=de_DE.UTF-8\n',
      '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nanna:x:1000:1000::/home/anna:/bin/bash\n',
      '/etc/shadow': 'root:*:1::::::\nanna:$6$s3cret:1::::::\n',
      '/home/anna/.ssh/authorized_keys': '# hers\nssh-ed25519 AAAA a\n',
      '/lib/systemd/system/ModemManager.service': '[Unit]\n',
      '/lib/systemd/system/ssh.service': '[Unit]\n',
      '/lib/systemd/system/dhcpcd.service': '[Unit]\n',
      [`${wants}/dhcpcd.service`]: { link: '/lib/systemd/system/dhcpcd.service' },
    },
    boot: { '/ssh': '' },
  });
  const report = await inspectImage(context, disk.path);
  assert.equal(report.os?.codename, 'stretch');
  assert.deepEqual(report.libqmi, [
    { name: 'libqmi-utils', version: '1.16.0-1', state: 'installed', held: true },
  ]);
  assert.deepEqual(report.neighbours, [
    { name: 'modemmanager', version: '1.6.4-1', state: 'installed', held: false },
  ]);
  assert.deepEqual(
    report.units.map(({ name, state }) => `${name} ${state}`),
    [
      'wwanpi-ndisdup.service udev',
      'ssh.service boot-file',
      'dhcpcd.service enabled',
      'networking.service absent',
      'ModemManager.service disabled',
    ],
  );
  assert.deepEqual(
    report.partitions.map(({ fileSystem, label }) => [fileSystem, label]),
    [
      ['FAT16', 'BOOT'],
      ['ext4', 'rootfs'],
    ],
  );
  assert.deepEqual(report.settings, {
    ...{ hostname: 'lte-7', timezone: 'Europe/Berlin', locale: 'de_DE.UTF-8', keyboard: undefined },
    users: [{ name: 'anna', password: true, keys: 1 }],
  });
  const text = formatImageReport(report);
  assert.match(text, /keyboard {3}\(not set\)\n {2}user {7}anna \(password, 1 SSH key\)\n/);
  assert.match(text, /libqmi-utils 1\.16\.0-1 \(installed, held\)/);
  assert.match(
    text,
    /\nOther software that runs modems or networks\n {2}modemmanager 1\.6\.4-1 \(installed\)\n/,
  );
  assert.match(text, /\(denyinterfaces\)\n {2}│ denyinterfaces wwan0\n/);
  for (const shown of [text, formatImageReportJson(report)]) assert.doesNotMatch(shown, /s3cret|joe|\x1b/);
  assert.equal(JSON.parse(formatImageReportJson(report)).files[0].text, null);
});

test('a file that is not an image is refused in a sentence', async (t) => {
  const context = await createTestContext(t);
  const path = join(context.tmpDir, 'no.img');
  await assert.rejects(inspectImage(context, path), /cannot read .*no\.img: no such file/);
  await assert.rejects(inspectImage(context, context.tmpDir), { name: 'InputError' });
  await writeFile(path, 'text');
  await assert.rejects(inspectImage(context, path), /no\.img is not a disk image/);
  const disk = await makeImage(context, 'a.img');
  await truncate(disk.path, disk.layout.sizeBytes - 4096);
  await assert.rejects(inspectImage(context, disk.path), /the image was cut short: partition 2/);
});

test('a compressed image shows what the raw one does; the second time nothing is unpacked', async (t) => {
  const context = await createTestContext(t);
  const { path } = await makeImage(context, 'a.img', {
    root: { '/etc/os-release': 'ID=debian\nVERSION_CODENAME=x\n' },
  });
  await context.exec(['xz', '-k', '-1', path]);
  await context.exec(['zstd', '-q', '-1', path]);
  await context.exec(['gzip', '-k', '-1', path]);
  await context.exec(['zip', '-q', '-j', `${path}.zip`, path]);
  const raw = await inspectImage(context, path);
  for (const suffix of ['.xz', '.zst', '.gz', '.zip']) {
    const packed = `${path}${suffix}`;
    assert.deepEqual(await inspectImage(context, packed), { ...raw, path: packed });
    const disk = await findRawDisk(context, packed);
    const { ino } = await stat(disk);
    await inspectImage(context, packed);
    assert.equal((await stat(disk)).ino, ino, suffix);
  }
});

test("no text of an image drives the terminal: inspect, its JSON, diff's layout", async (t) => {
  const context = await createTestContext(t);
  const nasty = '\x1b]0;owned\x07\x9b31m\u202e';
  const disk = await makeImage(context, 'a.img', {
    root: {
      '/etc/os-release': `ID=debian\nVERSION_CODENAME=x\nPRETTY_NAME="Nice${nasty}"\n`,
      '/var/lib/dpkg/status': `Package: libqmi-x${nasty}\nStatus: hold ok ${nasty}\nVersion: 1${nasty}\n`,
      [`/etc/systemd/system/wwanpi-${nasty}.service`]: '',
      [`/etc/systemd/system/a${nasty}.wants/wwanpi-${nasty}.service`]: { link: '/x' },
      '/etc/udev/rules.d/1.rules': 'SYSTEMD_WANTS',
    },
  });
  const label = Buffer.from('\x1b]0;ext\x07');
  await patch(disk, disk.layout.root.offsetBytes + 1024 + 0x78, label);
  await patch(disk, await locateFatEntry(disk, 'BOOT       '), Buffer.from('\x1b]0;fat\x07'));
  const report = await inspectImage(context, disk.path);
  const plain = await makeImage(context, 'b.img');
  const comparison = await diffImages(context, plain.path, disk.path, { ignoreTimes: false });
  for (const text of [
    formatImageReport(report),
    formatImageReportJson(report),
    formatDiff(comparison, false),
    formatDiffJson(comparison),
  ]) {
    assert.match(text, /owned/);
    assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  }
  assert.equal(JSON.parse(formatImageReportJson(report)).os.prettyName, `Nice${nasty}`);
  assert.match(formatDiff(comparison, false), /^~ boot label: BOOT => ·]0;fat·$/m);
});
