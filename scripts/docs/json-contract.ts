/** A field of a JSON object that no interface of the source is the shape of. */
export interface ContractField {
  readonly name: string;
  readonly meaning: string;
}

/** An event of `--log json`. */
export interface ContractEvent {
  readonly name: string;
  readonly meaning: string;
  /** Its fields besides `ts`, `level` and `event`; those in brackets are not always there. */
  readonly fields: readonly string[];
}

/** Every event of `--log json`. test/unit/docs/json-contract.test.ts compares them with what the reporters write. */
export const LOG_EVENTS: readonly ContractEvent[] = [
  { name: 'step-start', meaning: 'a step begins', fields: ['step'] },
  {
    name: 'step-end',
    meaning: 'a step ends; `message` is its result',
    fields: ['step', '[message]', 'seconds'],
  },
  {
    name: 'count',
    meaning: 'how far a step is, in packages or compiled files, at most once a second',
    fields: ['step', 'message', '[done]', '[total]', '[unit]'],
  },
  { name: 'stopping', meaning: 'an interrupt came, and the run ends', fields: [] },
  { name: 'info', meaning: 'something worth knowing', fields: ['message'] },
  { name: 'warning', meaning: 'something to act on; the run continues', fields: ['message'] },
  {
    name: 'progress',
    meaning: 'a download or a write, at most once a second',
    fields: ['step', 'bytes', '[totalBytes]'],
  },
  {
    name: 'image-start',
    meaning: 'a fleet begins an image; `done` and `total` count images',
    fields: ['image', 'done', 'total'],
  },
  { name: 'image-step', meaning: 'an image enters a step', fields: ['image', 'step', 'done', 'total'] },
  {
    name: 'image-end',
    meaning: 'an image is done; `verdict` is `built`, `unchanged` or `failed`, `message` why it failed',
    fields: ['image', 'verdict', '[bytes]', 'seconds', '[message]', 'done', 'total'],
  },
  {
    name: 'milestone',
    meaning: "a boot test reached or missed a milestone; `seconds` is the guest's time",
    fields: ['milestone', 'state', '[seconds]', 'message'],
  },
  {
    name: 'waiting',
    meaning: 'the milestone that a boot test waits for, at most every 10 s; `wallSeconds` is real time',
    fields: ['message', 'milestone', 'seconds', 'limitSeconds', 'wallSeconds', 'processorShare'],
  },
  {
    name: 'console',
    meaning: "a line of the guest's console (`wwanpi boot --console`)",
    fields: ['message'],
  },
  {
    name: 'error',
    meaning: 'why the run failed; always the last line',
    fields: ['code', 'exitCode', 'message', '[hint]', '[detail]', '[issues]', '[faults]'],
  },
];

/** The fields of an error. */
export const ERROR_FIELDS: readonly ContractField[] = [
  { name: 'code', meaning: 'the kind of error as a word; the [exit codes](exit-codes.md) have the list' },
  { name: 'exitCode', meaning: 'the exit code of the command' },
  { name: 'message', meaning: 'what happened, and why' },
  { name: 'hint', meaning: 'what to do; absent if there is no advice' },
  { name: 'detail', meaning: 'the full output of the program that failed; absent if there is none' },
  {
    name: 'issues',
    meaning:
      'every mistake in the options or the fleet file, each with `message` and, where they apply, `option` (without dashes), `value`, `hint` and `place` (`file`, `line`, `column`); of code `input` only',
  },
  { name: 'faults', meaning: 'the same, one sentence each' },
];

/** The fields of NAME.manifest.json. */
export const MANIFEST_FIELDS: readonly ContractField[] = [
  { name: 'format', meaning: '1; increased when a field changes its meaning or is removed' },
  { name: 'wwanpi', meaning: "wwanpi's version" },
  { name: 'image', meaning: 'the raw image: `file`, `sizeBytes`, `sha256`' },
  { name: 'os', meaning: 'the system of the base: `id`, `codename`, `prettyName`' },
  { name: 'sourceDateEpoch', meaning: 'the time of every file that was written, in seconds since 1970' },
  { name: 'options', meaning: "the user's options, without secrets" },
  {
    name: 'inputs',
    meaning: 'the inputs: `name`, `sha256`, `origin`, and `pinned` (whether wwanpi knew the hash before)',
  },
  { name: 'packages', meaning: "libqmi's packages: `name`, `version`, `architecture`" },
  {
    name: 'firstBoot',
    meaning:
      'what the Pi installs and runs at its first start: `packages` (`name`, `version`, `architecture`, `sha256`, and `from`: `file` or `archive`) and names of `scripts`',
  },
  { name: 'tools', meaning: 'the host programs by name: Debian `package` and `version`' },
  {
    name: 'changes',
    meaning:
      'every change: `path`, `kind` (`file`, `symlink`, `directory`, `move`, `remove`), `stage`; of a file `mode`, `uid`, `gid`, `sizeBytes`, `sha256`, or `secret: true` in place of the last two; of a folder `mode`, `uid`, `gid`, of a symlink `target`, of a folder that gets another name `from`',
  },
];
