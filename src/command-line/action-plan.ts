import { basename, join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../core/errors.ts';
import type { ReleaseFile } from '../core/model.ts';
import { findMainFile } from '../core/model.ts';
import { quoteForMessage } from '../formats/printable.ts';
import { OWN_INPUTS, SECRET_INPUTS } from '../options/action-inputs.ts';
import type { OptionEntry } from '../options/option.ts';
import { findOption } from '../options/options.ts';

/** The action's inputs by name, as GitHub passes them; an empty text if not given. */
export type ActionInputs = Readonly<Record<string, string>>;

/**
 * Makes the arguments of `wwanpi` from the inputs; empty if there is nothing to build. With `fleet`, the options that
 * only `build` has are refused, because they belong in the fleet file.
 * @throws InputError naming every invalid input
 */
export function planArguments(inputs: ActionInputs): string[] {
  const given = Object.entries(inputs).filter(
    ([name, value]) =>
      value !== '' && !OWN_INPUTS.some((own) => own.name === name) && SECRET_INPUTS[name] === undefined,
  );
  const { fleet = '', apn = '', carrier = '' } = inputs;
  if (fleet === '' && apn === '' && carrier === '') return [];
  const command = fleet === '' ? 'build' : 'fleet';
  const faults: string[] = [];
  const options = given.flatMap(([name, value]) => {
    const option = findOption(command, name);
    if (option === undefined) {
      faults.push(
        fleet === ''
          ? `${name} needs the input fleet`
          : `${name} is for one image; in a fleet it belongs in ${fleet}`,
      );
      return [];
    }
    return writeOption(option, value, faults);
  });
  if (faults.length > 0) throw new InputError(`invalid inputs:\n  - ${faults.join('\n  - ')}`);
  const further = (inputs.args ?? '').split('\n').map((line) => line.trim());
  return [
    // A file name that begins with a dash must not look like an option.
    ...(fleet === '' ? ['build'] : ['fleet', fleet.startsWith('-') ? `./${fleet}` : fleet]),
    ...options,
    ...further.filter((line) => line !== ''),
    '--json',
  ];
}

function writeOption({ name, type }: OptionEntry, value: string, faults: string[]): string[] {
  if (type === 'switch') {
    if (value === 'true') return [`--${name}`];
    if (value === 'false') return [`--no-${name}`];
    faults.push(`${name} must be true or false, not ${quoteForMessage(value)}`);
    return [];
  }
  return (type === 'list' ? value.split(/\s+/).filter((word) => word !== '') : [value]).map(
    (each) => `--${name}=${each}`,
  );
}

const fileSchema = z.object({
  name: z.string(),
  sizeBytes: z.number(),
  sha256: z.string(),
  kind: z.string(),
});

/** The parts of `build --json` and `fleet --json` that are used here. */
const resultSchema = z.union([
  z.object({ files: z.array(fileSchema) }),
  z.object({
    entries: z.array(z.object({ name: z.string(), verdict: z.string(), files: z.array(fileSchema) })),
  }),
]);

/**
 * The action's outputs in the format of GITHUB_OUTPUT: `folder`, `image`, `sha256`, `manifest` (of the first image),
 * `images` (all, one per line), `sha256sums` (the file), `json` (the whole result).
 * @param delimiter ends a value of several lines; must not be part of a value
 */
export function formatOutputs(result: unknown, folder: string, delimiter: string): string {
  const images = listImages(result);
  const path = (file: ReleaseFile | undefined): string => (file === undefined ? '' : join(folder, file.name));
  const [first = []] = images;
  const values = {
    folder,
    image: path(findMainFile(first)),
    sha256: findMainFile(first)?.sha256 ?? '',
    manifest: path(first.find(({ kind }) => kind === 'manifest')),
    images: images.map((files) => path(findMainFile(files))).join('\n'),
    sha256sums: join(folder, 'SHA256SUMS'),
    json: JSON.stringify(result),
  };
  return Object.entries(values)
    .map(([name, value]) => `${name}<<${delimiter}\n${value}\n${delimiter}\n`)
    .join('');
}

/** Each boot test of the input `boot` (scenarios, separated by spaces): image (raw or compressed), scenario, report. */
export function listBoots(
  result: unknown,
  inputs: ActionInputs,
): (readonly [image: string, scenario: string, report: string])[] {
  const folder = inputs.output ?? 'out';
  const scenarios = (inputs.boot ?? '').split(/\s+/).filter((word) => word !== '');
  return listImages(result).flatMap((files) => {
    const image = files.find(({ kind }) => kind === 'image') ?? findMainFile(files);
    if (image === undefined) return [];
    return scenarios.map((scenario) => {
      const name = `${image.name.replace(/\.img(\.xz|\.zst)?$/, '')}-${basename(scenario, '.json')}`;
      return [join(folder, image.name), scenario, join(folder, 'boot', `${name}.xml`)] as const;
    });
  });
}

/** The files of each built image. */
function listImages(result: unknown): (readonly ReleaseFile[])[] {
  const parsed = resultSchema.parse(result);
  const lists = 'files' in parsed ? [parsed.files] : parsed.entries.map(({ files }) => files);
  return lists.filter((files) => files.length > 0) as (readonly ReleaseFile[])[];
}
