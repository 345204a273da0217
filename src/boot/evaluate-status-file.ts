import { type BootRecord, probeLines } from './boot-record.ts';
import { type BootTest, type Evaluator, met, pending, skipped, waitUntil } from './milestone-result.ts';

/** How long after the first page: the supervisor waits for two equal looks, and then wwan-doctor looks at everything. */
const WRITTEN_MS = 180_000;

/** The status file on the boot partition says what a person has to read there. It is read from the disk, not by the guest. */
export const evaluateStatusFile: Evaluator = (bootTest, record) => {
  const { statusFile } = bootTest.scenario.expected;
  if (statusFile === undefined) return skipped('the scenario does not read the status file');
  if (!bootTest.setup.hasStatusFile) return skipped('the image has no status file');
  const fetched = probeLines(record, 'fetch').find(({ text }) => text.startsWith('ok '));
  if (fetched === undefined) return pending('not online yet');
  const missing = findUnwritten(bootTest, record);
  if (missing !== undefined) return waitUntil(record, fetched.t + WRITTEN_MS, missing);
  return met(record.elapsedMs, `it says ${statusFile.map((text) => `"${text}"`).join(', ')}`);
};

/** What does not stand in the status file though the scenario wants it, in words. */
export function findUnwritten({ setup, scenario }: BootTest, record: BootRecord): string | undefined {
  const { statusFile = [] } = scenario.expected;
  if (!setup.hasStatusFile) return undefined;
  // It breaks its lines where they are long.
  const text = (record.statusFile ?? '').replaceAll(/\s+/g, ' ');
  const missing = statusFile.find((each) => !text.includes(each));
  return missing === undefined ? undefined : `the status file does not say "${missing}"`;
}
