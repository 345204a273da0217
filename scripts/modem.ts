/**
 * Runs an emulated modem alone: `node --import tsx scripts/modem.ts [--device e397u|ec25|mbim] [BEHAVIOUR.json]`. Prints how to
 * reach its ports.
 * Ctrl-C ends it. docs/explanation/modem-emulator.md says what to try.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DEVICE_NAMES, DEVICES } from '../src/modem/devices.ts';
import { startModem } from '../src/modem/server.ts';

const { values, positionals } = parseArgs({
  options: { device: { type: 'string', default: 'e397u' } },
  allowPositionals: true,
});
const [file] = positionals;
const device = DEVICE_NAMES.find((name) => name === values.device);
if (device === undefined) throw new Error(`no device ${values.device}: one of ${DEVICE_NAMES.join(', ')}`);
const { protocol } = DEVICES[device];
const behaviour = file === undefined ? {} : JSON.parse(await readFile(file, 'utf8'));
const folder = await mkdtemp(join(tmpdir(), 'wwanpi-modem-'));
const path = (name: string) => join(folder, name);
const modem = await startModem({
  device,
  behaviour,
  socketPath: path('usb'),
  eventLogPath: path('events.jsonl'),
});
await modem.serveControl(path(protocol));
await modem.serveAt(path('at'), 'pcui');
modem.subscribe((event) => process.stderr.write(`${JSON.stringify(event)}\n`));
process.stdout.write(
  [
    `AT:   socat - UNIX-CONNECT:${path('at')}      (then: AT, AT+CSQ, AT^NDISDUP=1,1,"internet")`,
    `${`${protocol.toUpperCase()}:`.padEnd(6)}socat PTY,link=${path('cdc-wdm0')},raw,echo=0 UNIX-CONNECT:${path(protocol)} &`,
    protocol === 'mbim'
      ? `      mbimcli -d ${path('cdc-wdm0')} --query-signal-state`
      : `      qmicli -d ${path('cdc-wdm0')} --device-open-qmi --nas-get-signal-strength`,
    `USB:  qemu-system-arm … -device qemu-xhci,id=xhci -chardev socket,id=modem,path=${path('usb')} \\`,
    '        -device usb-redir,chardev=modem,bus=xhci.0',
    '',
  ].join('\n'),
);
await new Promise<void>((resolve) => process.once('SIGINT', resolve));
await modem.close();
await rm(folder, { recursive: true, force: true });
