import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { startGuestClock } from '../../../src/boot/guest-clock.ts';
import { prepareGuestKernel } from '../../../src/boot/prepare-guest-kernel.ts';
import type { Disk } from '../../../src/core/model.ts';
import { openDisk } from '../../../src/image/open-disk.ts';
import type { BehaviourInput } from '../../../src/modem/behaviour.ts';
import type { DeviceName } from '../../../src/modem/devices.ts';
import type { TimedEvent } from '../../../src/modem/events.ts';
import { startModem } from '../../../src/modem/server.ts';
import { createTestContext } from '../../helpers/context.ts';
import { copyPrograms } from '../../helpers/image-programs.ts';
import { encodeCommand, withTexts, words } from '../../helpers/mbim-host.ts';
import { findPlainImage, PLAIN_NAME } from '../../helpers/plain-image.ts';
import { runSmallGuest, withSharedCache } from '../../helpers/small-guest.ts';

/**
 * Tier 2: a real kernel with the stick's real drivers, and what runs on it out of a built image: its qmicli and
 * qmi-network, its AT script as it was rendered, its bash and usb_modeswitch, with its own libraries. Without the
 * kernel's drivers the emulation would only agree with itself.
 */

const LIBQMI = ['/usr/bin/qmicli', '/usr/bin/qmi-network'];
const AT_SCRIPT = [
  ...['/usr/lib/wwanpi/ndisdup', '/usr/lib/wwanpi/at-port', '/etc/wwanpi/ndisdup.conf', '/bin/bash'],
  ...['/bin/stty', '/usr/bin/timeout', '/usr/bin/flock', '/bin/readlink'],
];

let folder = '';
let image: Disk;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wwanpi-guest-'));
  image = await openDisk(join(await findPlainImage(), `${PLAIN_NAME}.img`));
});
after(() => rm(folder, { recursive: true, force: true }));

const WAIT_FOR_MODEM = `
wait_for() { n=0; while [ ! -e "$1" ] && [ $n -lt 300 ]; do sleep 0.1; n=$((n+1)); done; [ -e "$1" ] || { echo "no $1"; exit 10; }; }
wait_for /dev/cdc-wdm0; wait_for /dev/ttyUSB2; wait_for /sys/class/net/wwan0
`;

/*
 * After a call has started, the next question is asked twice. The modem reports the call while the program that started it
 * ends. If the kernel then gives up reading that report, the next program gets an empty read (drivers/usb/class/cdc-wdm.c,
 * wdm_in_callback), and takes it for the end.
 */

const GET_ONLINE = `
stty -F /dev/ttyUSB0 raw -echo
(timeout 3 cat /dev/ttyUSB0 & sleep 0.3; printf 'AT^NDISDUP=1,1,"internet"\\r' > /dev/ttyUSB0; wait)
qmicli -d /dev/cdc-wdm0 --nas-get-signal-strength || exit 11
APN=internet qmi-network /dev/cdc-wdm0 start || exit 12
APN=internet qmi-network /dev/cdc-wdm0 status || APN=internet qmi-network /dev/cdc-wdm0 status || exit 13
printf '#!/bin/sh\\n[ "$1" = bound ] || exit 0\\nip addr add $ip/$mask dev $interface; ip route add default via $router; echo "nameserver $dns" > /etc/resolv.conf\\n' > /dhcp.sh
chmod +x /dhcp.sh; ip link set wwan0 up
udhcpc -i wwan0 -s /dhcp.sh -q -n -t 5 || exit 14
for size in 56 470 982 1472; do ping -c 1 -s $size 10.64.64.9 || exit 15; done
wget -q -O - http://example.org/hello || exit 16
qmi-network /dev/cdc-wdm0 stop || exit 17
`;

/** Uses the address that the modem told: no DHCP on these links. */
const USE_ADDRESS = `
ip addr add 10.64.64.10/30 dev wwan0; ip link set wwan0 up; ip route add default via 10.64.64.9 dev wwan0
echo 'nameserver 10.64.64.9' > /etc/resolv.conf
for size in 56 470 982 1472; do ping -c 1 -s $size 10.64.64.9 || exit 15; done
wget -q -O - http://example.org/hello || exit 16
`;

const LIST_DRIVERS =
  'for dir in /sys/bus/usb/devices/1-1:*; do echo "$(basename $dir) $(basename $(readlink $dir/driver))"; done\n';

async function boot(
  t: TestContext,
  behaviour: BehaviourInput,
  programs: readonly string[],
  script: string,
  device: DeviceName = 'e397u',
) {
  const context = await createTestContext(t);
  const kernel = await prepareGuestKernel(withSharedCache(context));
  const tree = join(context.tmpDir, 'root');
  await copyPrograms(image, programs, tree);
  const modemSocket = join(context.tmpDir, 'modem.sock');
  const qmpSocket = join(context.tmpDir, 'qmp.sock');
  const { clock, shutDown, close } = await startGuestClock(qmpSocket);
  t.after(close);
  const modem = await startModem({ device, socketPath: modemSocket, behaviour, clock });
  t.after(() => modem.close());
  const end = await runSmallGuest(context, kernel, {
    script,
    trees: [tree],
    modemSocket,
    qmpSocket,
    clock,
    shutDown,
    timeoutMs: 240_000,
  });
  t.diagnostic(`${(end.guestMs / 1000).toFixed(1)} s of the guest's time`);
  return { ...end, events: modem.events };
}

function has(events: readonly TimedEvent[], want: Record<string, unknown>) {
  const found = events.some((event) =>
    Object.entries(want).every(([key, value]) => (event as Record<string, unknown>)[key] === value),
  );
  assert.ok(found, `no event ${JSON.stringify(want)}`);
}

test("the kernel's own drivers bind the modem, and the guest comes online", async (t) => {
  const script = `${WAIT_FOR_MODEM}
for dir in /sys/bus/usb/devices/1-1:*; do echo "$(basename $dir) $(basename $(readlink $dir/driver))"; done
cat /sys/class/net/wwan0/address
${GET_ONLINE}`;
  const { console, exitCode, events } = await boot(t, { apns: [{ apn: 'internet' }] }, LIBQMI, script);
  assert.equal(exitCode, 0, console);
  const drivers = ['option', 'qmi_wwan', 'qmi_wwan', 'option', 'option', 'usb-storage', 'usb-storage'];
  for (const [at, driver] of drivers.entries())
    assert.ok(console.includes(`1-1:1.${at} ${driver}\n`), console);
  assert.match(console, /^00:1e:10:1f:00:01$/m);
  assert.match(console, /\^NDISSTAT: 1,,,"IPV4"/);
  assert.match(console, /^online$/m);
  has(events, { type: 'lease', what: 'bound', address: '10.64.64.10' });
  has(events, { type: 'http', host: 'example.org', path: '/hello', status: 200 });
  has(events, { type: 'call', what: 'stop', via: 'qmi' });
});

test('the EC25: raw IP, the address from QMI, and the guest comes online', async (t) => {
  const script = `
${WAIT_FOR_MODEM}
${LIST_DRIVERS}
wait_for /dev/ttyUSB3
echo Y > /sys/class/net/wwan0/qmi/raw_ip || exit 11
qmicli -d /dev/cdc-wdm0 --wda-set-data-format=raw-ip || exit 12
qmicli -d /dev/cdc-wdm0 --wds-start-network=apn=internet,ip-type=4 --client-no-release-cid || exit 13
qmicli -d /dev/cdc-wdm0 --wds-get-current-settings || qmicli -d /dev/cdc-wdm0 --wds-get-current-settings || exit 14
${USE_ADDRESS}`;
  const { console, exitCode, events } = await boot(
    t,
    { apns: [{ apn: 'internet' }] },
    LIBQMI,
    script,
    'ec25',
  );
  assert.equal(exitCode, 0, console);
  for (const [at, driver] of ['option', 'option', 'option', 'option', 'qmi_wwan'].entries())
    assert.ok(console.includes(`1-1:1.${at} ${driver}\n`), console);
  assert.match(console, /IPv4 address: 10\.64\.64\.10/);
  has(events, { type: 'lease', what: 'bound', address: '10.64.64.10' });
  has(events, { type: 'http', host: 'example.org', path: '/hello', status: 200 });
});

test('the MBIM stick: option and cdc_mbim bind it, messages pass both ways, and blocks carry the traffic', async (t) => {
  const octal = (bytes: Buffer) =>
    [...bytes].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  const connect = withTexts(0, 1, 'internet', '', '', 0, 0, 1, 0, 0, 0, 0);
  const messages = [words(1, 16, 1, 4096), encodeCommand(2, 12, true, connect)];
  const ask = messages.map((each) => `printf '${octal(each)}' >&3; dd bs=4096 count=1 <&3 | hexdump -C\n`);
  const script = `
${WAIT_FOR_MODEM}
${LIST_DRIVERS}
exec 3<>/dev/cdc-wdm0
${ask.join('')}
${USE_ADDRESS}`;
  const { console, exitCode, events } = await boot(
    t,
    { apns: [{ apn: 'internet' }] },
    LIBQMI,
    script,
    'mbim',
  );
  assert.equal(exitCode, 0, console);
  for (const [at, driver] of ['option', 'option', 'option', 'cdc_mbim', 'cdc_mbim'].entries())
    assert.ok(console.includes(`1-1:1.${at} ${driver}\n`), console);
  has(events, { type: 'call', what: 'start', via: 'mbim', apn: 'internet' });
  has(events, { type: 'lease', what: 'bound', address: '10.64.64.10' });
  has(events, { type: 'http', host: 'example.org', path: '/hello', status: 200 });
});

test("the image's AT script finds the port, and the modem accepts the APN", async (t) => {
  // Over a pty it once passed while here, where a driver decides on the port's settings, it never sent a thing.
  const script = `${WAIT_FOR_MODEM}
WWANPI_MARKER=/tmp/done bash /usr/lib/wwanpi/ndisdup || exit 30
cat /tmp/done`;
  const { console, exitCode, events } = await boot(t, {}, AT_SCRIPT, script);
  assert.equal(exitCode, 0, console);
  assert.match(console, /^ttyUSB0: the modem accepted the APN \(try 1\)$/m);
  assert.match(console, /^ttyUSB0$/m);
  has(events, { type: 'at', command: 'AT^NDISDUP=1,1,"internet"', answer: 'OK' });
});

test('in factory mode it is a CD-ROM; usb_modeswitch turns it into a modem', async (t) => {
  const script = `
n=0; while [ ! -b /dev/sr0 ] && [ $n -lt 300 ]; do sleep 0.1; n=$((n+1)); done; sleep 1
cat /sys/bus/usb/devices/1-1/idProduct
mount -t iso9660 -o ro /dev/sr0 /mnt || exit 20
umount /mnt
usb_modeswitch -v 12d1 -p 1505 -V 12d1 -P 1506 -J || exit 21
${WAIT_FOR_MODEM}
cat /sys/bus/usb/devices/1-1/idProduct
qmicli -d /dev/cdc-wdm0 --dms-get-model || exit 22`;
  const programs = [...LIBQMI, '/usr/sbin/usb_modeswitch'];
  const { console, exitCode, events } = await boot(t, { factoryMode: true }, programs, script);
  assert.equal(exitCode, 0, console);
  assert.match(console, /^1505$[\s\S]*^1506$[\s\S]*Model: 'E397u-53'/m);
  has(events, { type: 'usb', what: 'mode-switch' });
});
