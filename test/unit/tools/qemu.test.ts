import assert from 'node:assert/strict';
import { test } from 'node:test';
import { qemuArgv } from '../../../src/tools/qemu.ts';

const machine = {
  architecture: 'armhf' as const,
  kernelPath: '/k/vmlinuz',
  initrdPath: '/k/initrd',
  append: 'root=/dev/vda2 rw',
  consolePath: '/l/console.log',
  probePath: '/l/probe.log',
  qmpSocket: '/t/qmp.sock',
};

test('the board, the consoles, a read-only disk, and the modem', () => {
  const argv = qemuArgv({ ...machine, diskPath: '/i/a.img', modemSocket: '/t/modem.sock' });
  assert.deepEqual(argv, [
    'qemu-system-arm',
    ...['-M', 'virt,highmem=off', '-cpu', 'cortex-a15', '-m', '1024', '-smp', '1'],
    ...[
      '-icount',
      'shift=2',
      '-chardev',
      'socket,id=qmp,path=/t/qmp.sock',
      '-mon',
      'chardev=qmp,mode=control',
    ],
    ...['-nodefaults', '-display', 'none', '-monitor', 'none', '-no-reboot'],
    ...['-kernel', '/k/vmlinuz', '-initrd', '/k/initrd', '-append', 'root=/dev/vda2 rw'],
    ...['-chardev', 'file,id=console,path=/l/console.log', '-serial', 'chardev:console'],
    ...['-device', 'virtio-serial-device', '-chardev', 'file,id=probe,path=/l/probe.log'],
    ...['-device', 'virtserialport,chardev=probe,name=wwanpi.probe'],
    ...['-drive', 'file=/i/a.img,if=none,id=disk,format=raw,snapshot=on'],
    ...['-device', 'virtio-blk-device,drive=disk'],
    ...['-nic', 'none', '-device', 'qemu-xhci,id=xhci'],
    ...['-chardev', 'socket,id=modem,path=/t/modem.sock', '-device', 'usb-redir,chardev=modem,bus=xhci.0'],
  ]);
});

test('an arm64 kernel gets a 64-bit board, and all else as before', () => {
  const argv = qemuArgv({ ...machine, architecture: 'arm64' });
  assert.deepEqual(argv.slice(0, 5), ['qemu-system-aarch64', '-M', 'virt', '-cpu', 'cortex-a53']);
  assert.deepEqual(argv.slice(5), qemuArgv(machine).slice(5));
});

test('a cable is a second card, and paths may hold commas', () => {
  const argv = qemuArgv({
    ...machine,
    cableSocket: '/t/cable,1.sock',
    diskPath: '/i/a,readonly=off.img',
  });
  assert.ok(argv.includes('stream,id=cable,server=off,addr.type=unix,addr.path=/t/cable,,1.sock'));
  assert.ok(argv.includes('virtio-net-device,netdev=cable'));
  assert.ok(!argv.some((word) => word.startsWith('user,')), "nothing reaches the host's network");
  assert.ok(argv.includes('file=/i/a,,readonly=off.img,if=none,id=disk,format=raw,snapshot=on'));
  assert.ok(!argv.some((word) => word.includes('usb-redir')));
});

test('a console that somebody types into goes into the file as well', () => {
  const argv = qemuArgv({ ...machine, consoleSocket: '/t/console.sock' });
  assert.ok(argv.includes('socket,id=console,path=/t/console.sock,logfile=/l/console.log'));
});

test('a machine that goes on from a state waits for it, and appends to the files', () => {
  const argv = qemuArgv({ ...machine, stateSocket: '/t/state,1.sock' });
  assert.deepEqual(argv.slice(-3), ['-S', '-incoming', 'unix:/t/state,1.sock']);
  assert.ok(argv.includes('file,id=console,path=/l/console.log,append=on'));
  assert.ok(argv.includes('file,id=probe,path=/l/probe.log,append=on'));
});
