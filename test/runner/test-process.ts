import { chmodSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** What a job cost. */
export interface JobTimes {
  readonly name: string;
  readonly seconds: number;
  /** Of the process and of every program that it started and waited for. */
  readonly processorSeconds: number;
}

/** A job's place in a run. */
export interface JobPlace {
  readonly name: string;
  /** The run's temporary folder: `times.jsonl` has the times of its jobs, `reasons.txt` why a job failed as a whole. */
  readonly folder: string;
  /** To be made for the job's temporary files. Its path is short, since that of a socket has 108 bytes at most. */
  readonly own: string;
  /** Whether files share the process, which none of them may leave changed. */
  readonly isShared: boolean;
}

/** Sets up the process of a job: its temporary files go with it also when a hook of a test has failed. */
export function beginTestProcess({ name, folder, own, isShared }: JobPlace): void {
  mkdirSync(own);
  // For the other users that tests become, as /tmp is.
  chmodSync(own, 0o1777);
  process.env.TMPDIR = own;
  process.env.WWANPI_TEST_RUN = folder;
  // Opened now, since a test may become a user who can't.
  const timesFile = openSync(join(folder, 'times.jsonl'), 'a');
  const reasonsFile = openSync(join(folder, 'reasons.txt'), 'a');
  const user = process.geteuid?.();
  process.on('exit', () => {
    const times: JobTimes = {
      name,
      seconds: performance.now() / 1000,
      processorSeconds: readProcessorSeconds(),
    };
    writeSync(timesFile, `${JSON.stringify(times)}\n`);
    try {
      rmSync(own, { recursive: true, force: true });
    } catch {
      // What a test left mounted goes with the run.
    }
    if (isShared && process.geteuid?.() !== user) {
      writeSync(
        reasonsFile,
        `${name}: a test became another user, in a process that others share → list its file in ALONE\n`,
      );
      process.exitCode = 1;
    }
  });
}

/** proc(5): utime, stime, cutime and cstime of /proc/self/stat, in hundredths of a second on every Linux. */
function readProcessorSeconds(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0) / 100;
}
