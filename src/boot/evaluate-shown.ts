import { type BootRecord, probeLines } from './boot-record.ts';
import { type BootTest, type Evaluator, met, pending, skipped, waitUntil } from './milestone-result.ts';

/** How long after the first page: the supervisor looks every 15 s, and then asks the modem. */
const SHOWN_MS = 90_000;

/** Milliseconds on and off of each pattern (overlays/rootfs/usr/lib/wwanpi/status). */
const PATTERNS = { searching: '100 1900', dialling: '500 500', refused: '1900 100' } as const;

/** Once the Pi is online, a person sees so: on the console before login, after it, and by the LED. */
export const evaluateShown: Evaluator = (bootTest, record) => {
  if (bootTest.scenario.expected.shows === undefined)
    return skipped('the scenario does not look at the console');
  if (bootTest.setup.display === undefined) return skipped('the image shows nothing on its consoles');
  const fetched = probeLines(record, 'fetch').find(({ text }) => text.startsWith('ok '));
  if (fetched === undefined) return pending('not online yet');
  const missing = findUnshown(bootTest, record);
  if (missing !== undefined) return waitUntil(record, fetched.t + SHOWN_MS, missing);
  return met(record.elapsedMs, describeShown(record));
};

/** What a person does not see now though the scenario wants it, in words; undefined if all is as it should be. */
export function findUnshown({ setup, scenario }: BootTest, record: BootRecord): string | undefined {
  const { shows, led } = scenario.expected;
  if (shows === undefined || setup.display === undefined) return undefined;
  const { console, motd, leds } = readShown(record);
  if (!console.startsWith(shows)) return `the console says "${console}" instead of "${shows}…"`;
  if (motd !== console) return `after login it says "${motd}", before it "${console}"`;
  if (led === undefined || !setup.display.led) return undefined;
  const last = leds.at(-1) ?? 'nothing';
  if (led === 'former') {
    // The probe may look for the first time when it blinks already.
    const former = leds.find((text) => !text.startsWith('timer '));
    if (former === undefined) return `the LED does "${last}" for good`;
    if (last !== former) return `the LED does "${last}" instead of "${former}"`;
    return leds.some((text) => text.startsWith('timer ')) ? undefined : 'the LED never blinked';
  }
  return last === `timer ${PATTERNS[led]}` ? undefined : `the LED does "${last}", which is not "${led}"`;
}

/** What a person sees, in a line of the report. */
export function describeShown(record: BootRecord): string {
  const { console, leds } = readShown(record);
  return `"${console}"${leds.length === 0 ? '' : `; the LED: ${leds.join(', ')}`}`;
}

/** The last line about the connection on the serial console, the last one after login, and what the LED did so far. */
function readShown(record: BootRecord) {
  const lines = record.console.flatMap(({ text }) => /^LTE: .*/.exec(text)?.[0].trimEnd() ?? []);
  return {
    console: lines.at(-1) ?? '',
    motd: probeLines(record, 'motd').at(-1)?.text ?? '',
    leds: probeLines(record, 'led').map(({ text }) => text),
  };
}
