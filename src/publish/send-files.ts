import type { Context } from '../core/context.ts';
import { formatBytes } from '../formats/units.ts';
import { forEachConcurrent } from '../tools/files/for-each-concurrent.ts';
import { atPace, type Pace } from '../tools/ssh/sftp-transfer.ts';
import type { PublishPlan } from './plan-publish.ts';
import { countFiles, type Release, type ReleaseEntry } from './release.ts';
import { type Server, uploadFile } from './upload-file.ts';

/** The progress that survives a broken connection within one run. */
export interface PublishMemory {
  /** Names whose upload is complete and checked. */
  readonly checked: Set<string>;
  /** Names of files that are identical on the server. */
  readonly same: Set<string>;
  /** Names that were pruned. */
  readonly removed: Set<string>;
  readonly pace: Pace;
  sentBytes: number;
}

/** A file of one or two requests mostly waits for answers, so many are sent at once. */
const SMALL_BYTES = 65_536;
const isSmall = ({ sizeBytes }: ReleaseEntry): boolean => sizeBytes <= SMALL_BYTES;
const SMALL_AT_ONCE = 8;

/**
 * Sends the missing files under .part names and checks each on the server. Small files come first, many at once.
 * @throws the errors of `uploadFile`
 */
export async function sendFiles(
  context: Context,
  server: Server,
  { folder }: Release,
  plan: PublishPlan,
  memory: PublishMemory,
): Promise<void> {
  const files = plan.send.filter(({ name }) => !memory.checked.has(name));
  if (files.length === 0) return;
  const isReadBack = server.hasher.kind === 'read back';
  const totalBytes = files.reduce((sum, { name, sizeBytes }) => {
    const begun = plan.begun.get(name) ?? 0;
    return sum + sizeBytes - begun + (isReadBack ? sizeBytes + begun : 0);
  }, 0);
  const step = context.report.step('Send');
  const startedMs = Date.now();
  let doneBytes = 0;
  const advance = (count: number) => {
    doneBytes += count;
    // Bytes that were sent twice are not in the total.
    step.bytes(Math.min(doneBytes, totalBytes), totalBytes);
  };
  const upload = async (entry: ReleaseEntry) => {
    await uploadFile(context, server, folder, entry, plan.begun.get(entry.name) ?? 0, {
      sent: (count) => {
        memory.sentBytes += count;
        advance(count);
      },
      checked: advance,
    });
    memory.checked.add(entry.name);
  };
  advance(0);
  await sendSmall(files.filter(isSmall), server.pace, upload);
  for (const entry of files.filter((each) => !isSmall(each))) await upload(entry);
  const seconds = (Date.now() - startedMs) / 1000;
  const rate = seconds < 0.1 ? '' : `, ${formatBytes(plan.sendBytes / seconds)}/s`;
  step(`${countFiles(files.length)}, checked by ${server.hasher.kind}${rate}`);
}

/** Sends many small files at once; if the server refuses that, the remaining ones one after the other. */
async function sendSmall(
  files: readonly ReleaseEntry[],
  pace: Pace,
  upload: (entry: ReleaseEntry) => Promise<void>,
): Promise<void> {
  const done = new Set<ReleaseEntry>();
  await atPace(pace, (parallel) =>
    forEachConcurrent(
      files.filter((entry) => !done.has(entry)),
      Math.min(parallel, SMALL_AT_ONCE),
      async (entry) => {
        await upload(entry);
        done.add(entry);
      },
    ),
  );
}
