import { ERROR_FIELDS, LOG_EVENTS, MANIFEST_FIELDS } from './json-contract.ts';
import { formatCode, formatTable, formatText, type GeneratedPage } from './markdown.ts';
import { type Field, readInterface } from './read-interface.ts';

/** Interfaces that are printed as they are: where they stand, and what to say above their fields. */
const SHAPES = {
  report: ['src/boot/boot-report.ts', 'BootReport'],
  milestone: ['src/boot/boot-report.ts', 'MilestoneReport'],
  file: ['src/core/model.ts', 'ReleaseFile'],
  fleet: ['src/fleet/fleet-state.ts', 'FleetResult'],
  image: ['src/image/inspect-image.ts', 'ImageReport'],
  partition: ['src/image/inspect-image.ts', 'PartitionReport'],
  package: ['src/image/inspect-image.ts', 'PackageReport'],
  unit: ['src/image/inspect-units.ts', 'UnitReport'],
  diff: ['src/commands/diff.ts', 'DiffReport'],
  side: ['src/commands/diff.ts', 'DiffSide'],
  comparison: ['src/image/compare-images.ts', 'ImageComparison'],
  difference: ['src/image/compare-trees.ts', 'FileDifference'],
  publish: ['src/publish/publish-release.ts', 'PublishResult'],
  carrier: ['src/carriers/carrier.ts', 'Carrier'],
  cached: ['src/host/cache-content.ts', 'CachedThing'],
  base: ['src/commands/bases.ts', 'BaseReport'],
  check: ['src/host/check-machine.ts', 'MachineCheck'],
} as const;

/** docs/reference/json-output.md: all that wwanpi writes for programs. */
export function makeJsonPage(): GeneratedPage {
  const text = [
    ...INTRODUCTION,
    ...section('## Events of `--log json`', [
      'With `--log json`, each line of standard error is one JSON object. Every line has `ts` (ISO 8601, UTC), `level` (`info`, `warning` or `error`)',
      'and `event`. Fields in brackets are left out where there is nothing to say. `--quiet` keeps warnings and errors only.',
    ]),
    formatTable(
      ['event', 'meaning', 'fields'],
      LOG_EVENTS.map(({ name, meaning, fields }) => [
        formatCode(name),
        meaning,
        fields.map(formatCode).join(', '),
      ]),
    ),
    ...section('## Errors', ['The last line of a run that fails has the event `error`:']),
    formatContract(ERROR_FIELDS),
    ...section('## `wwanpi build --json`', [
      '`wwanpi` (the version), `folder`, and `files`, a list of release files. With `--dry-run`: `wwanpi` and `changes`, as in the [manifest](#the-manifest).',
      '',
      'A release file:',
    ]),
    formatShape('file'),
    ...section('## `wwanpi fleet --json` and fleet.json', [
      '`wwanpiVersion`, and `entries`, in the order of the fleet file:',
    ]),
    formatShape('fleet'),
    ...section('## `wwanpi boot --json FILE`', [
      "The result of one boot. All seconds are the guest's, but `wallSeconds`.",
    ]),
    formatShape('report'),
    'A milestone:',
    '',
    formatShape('milestone'),
    ...section('## `wwanpi inspect --json`', []),
    formatShape('image'),
    'A partition has `number`, `type`, `offsetBytes`, `sizeBytes`, and:',
    '',
    formatShape('partition'),
    'A package and a unit:',
    '',
    formatShape('package'),
    formatShape('unit'),
    ...section('## `wwanpi diff --json`', []),
    formatFields([...readShape('comparison'), ...readShape('diff')]),
    'A side (`before`, `after`):',
    '',
    formatShape('side'),
    'A file that differs:',
    '',
    formatShape('difference'),
    ...section('## `wwanpi carriers --json`', ['`source` (an input as in the manifest) and `carriers`:']),
    formatShape('carrier'),
    ...section('## `wwanpi bases --json`', ['`bases`, the default first:']),
    formatShape('base'),
    ...section('## `wwanpi doctor --json`', [
      '`complete` (whether every program is installed), `missingPackages` (of Debian), `tools` (each with `program`, `version` or null, `debianPackage`, `reason` and',
      '`purposes`), and `machine`, other checks:',
    ]),
    formatShape('check'),
    ...section('## `wwanpi cache --json`', [
      '`cacheDir`, and `entries`; or `removed` after `prune`. An entry has `lastUsed` (ISO 8601, UTC) in place of `usedMs`:',
    ]),
    formatShape('cached'),
    ...section('## `wwanpi publish --json`', ['`dryRun`, and:']),
    formatShape('publish'),
    ...section('## The manifest', [
      '`NAME.manifest.json` is beside every image. It contains no secrets and no build time.',
    ]),
    formatContract(MANIFEST_FIELDS),
  ].join('\n');
  const from = [...new Set(Object.values(SHAPES).map(([file]) => file)), 'scripts/docs/json-contract.ts'];
  return { path: 'reference/json-output.md', from, text };
}

const INTRODUCTION = [
  '# JSON output',
  '',
  'The output of wwanpi for programs. Results go to standard output, progress and errors to standard error. Without a terminal there are no',
  'colours, nothing is drawn over and nothing is asked.',
  '',
  '**What you can rely on.** Within a major version, fields are added but never renamed or removed, and a field keeps its meaning. Ignore fields that you',
  'do not know. Sizes are in bytes, times in seconds, hashes are SHA-256 in hex. Files that are read back later have a `format` number.',
  '',
];

function section(title: string, lines: readonly string[]): string[] {
  return [title, '', ...lines, ...(lines.length === 0 ? [] : [''])];
}

function readShape(name: keyof typeof SHAPES): Field[] {
  const [file, shape] = SHAPES[name];
  return readInterface(file, shape);
}

function formatShape(name: keyof typeof SHAPES): string {
  return formatFields(readShape(name));
}

function formatFields(fields: readonly Field[]): string {
  return formatTable(
    ['field', 'type', 'meaning'],
    fields.map(({ name, isOptional, type, meaning }) => [
      formatCode(isOptional ? `[${name}]` : name),
      formatCode(type),
      formatText(meaning),
    ]),
  );
}

function formatContract(fields: readonly { readonly name: string; readonly meaning: string }[]): string {
  return formatTable(
    ['field', 'meaning'],
    fields.map(({ name, meaning }) => [formatCode(name), meaning]),
  );
}
