import { basename } from 'node:path';
import type { CarrierData } from '../carriers/carrier.ts';
import type { Context } from '../core/context.ts';
import { readVariable } from '../core/environment.ts';
import { InputError } from '../core/errors.ts';
import type { Reporter } from '../core/reporter.ts';
import { toOpenError } from '../flash/device-error.ts';
import { CARD_FILE } from '../formats/card-settings/card-place.ts';
import { printable } from '../formats/printable.ts';
import { checkHostTools } from '../host/check-host-tools.ts';
import { withRun } from '../host/with-run.ts';
import { prepareSigner } from '../release/prepare-signer.ts';
import { printResult } from '../report/print-result.ts';
import { type ChangeReport, changeImage } from '../set/change-image.ts';
import { findTarget, type SetTarget } from '../set/find-target.ts';
import type { CardEdit } from '../set/plan-edit.ts';
import { planImage } from '../set/plan-image.ts';
import { readChanges, type SettingChanges } from '../set/read-changes.ts';
import { planDisk } from '../set/set-disk.ts';
import { planFile, writeFileWhole } from '../set/set-file.ts';
import { writeCard } from '../set/write-card.ts';
import { openToChange } from '../tools/disk/random-access.ts';
import { askLine, canAsk } from './ask.ts';
import { checkTarget } from './flash-choices.ts';

/** The options of `wwanpi set`. */
export interface SetOptions {
  readonly target: string;
  /** The whole line, camel case: the settings are in it. */
  readonly line: Readonly<Record<string, unknown>>;
  readonly output: string | undefined;
  readonly sign: string | undefined;
  readonly cacheDir: string | undefined;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly force: boolean;
}

/** Reads the command line. */
export function parseSetOptions(line: Readonly<Record<string, unknown>>): SetOptions {
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return {
    target: String(line.target),
    line,
    output: text(line.output),
    sign: text(line.sign),
    cacheDir: text(line.cacheDir),
    dryRun: line.dryRun === true,
    yes: line.yes === true,
    force: line.force === true,
  };
}

/**
 * Checks the settings, changes the target and prints what changed.
 * @throws OptionsError with every issue of the settings, InputError when the target cannot take them
 */
export async function runSet(options: SetOptions, report: Reporter): Promise<void> {
  await withRun({ report, cacheDir: options.cacheDir }, async ({ context }) => {
    const carriers = options.line.carrier === undefined ? undefined : await loadData(context);
    const changes = await readChanges(options.line, process.env, carriers);
    changes.warnings.forEach(report.warn);
    const target = await findTarget(options.target);
    if (options.output !== undefined && target.kind !== 'image') {
      throw new InputError('--output makes a copy of an image, not of a card', { hint: 'leave it out' });
    }
    const text = await change(context, target, changes, options);
    printResult(text, 'diff');
  });
}

async function change(
  context: Context,
  target: SetTarget,
  changes: SettingChanges,
  options: SetOptions,
): Promise<string> {
  const { values } = changes;
  if (target.kind === 'file') {
    const edit = await planFile(target.path, values);
    edit.notes.forEach(context.report.warn);
    if (isNothing(edit) || options.dryRun) return formatEdit(target.path, edit, options);
    await writeFileWhole(target.path, edit.content);
    return `${formatEdit(target.path, edit, options)}\nChanged ${printable(target.path)}. Unmount it before you take the card out.\n`;
  }
  if (target.kind === 'device') return changeDevice(context, target.path, changes, options);
  if (target.format !== 'img')
    await checkHostTools(context, [target.format === 'xz' ? 'flash-xz' : 'flash-zst']);
  const image = await planImage(context, target, values);
  image.edit.notes.forEach(context.report.warn);
  // A run that was killed may have changed the image, and not yet its sums.
  const isSame = isNothing(image.edit) && options.output === undefined && !options.force;
  if (isSame || options.dryRun) return formatEdit(target.path, image.edit, options);
  const signing =
    options.sign === undefined
      ? 'nobody'
      : await prepareSigner(context, options.sign, readVariable('WWANPI_SIGN_PASSPHRASE'));
  const report = await changeImage(context, image, changes, { ...options, signing });
  return `${formatEdit(target.path, image.edit, options)}\n${formatReport(report)}`;
}

async function changeDevice(
  context: Context,
  path: string,
  { values }: SettingChanges,
  options: SetOptions,
): Promise<string> {
  await checkHostTools(context, ['flash']);
  const card = await checkTarget(context, path, undefined, options.force);
  const access = await openToChange(card.path, true).catch((error: unknown) => {
    throw toOpenError(error, card.path);
  });
  try {
    const edit = await planDisk(access, values);
    edit.notes.forEach(context.report.warn);
    if (isNothing(edit) || options.dryRun) return formatEdit(card.path, edit, options);
    context.report.info(`${card.path}: ${card.description}`);
    if (!options.yes) await confirm(context, card.path, edit);
    await writeCard(access, edit.place, edit.content);
    return `${formatEdit(card.path, edit, options)}\nChanged ${card.path}, and read it back. It is safe to remove.\n`;
  } finally {
    await access.close();
  }
}

async function confirm(context: Context, path: string, edit: CardEdit): Promise<void> {
  if (!canAsk()) {
    throw new InputError(`cannot ask whether to change ${path}: there is no terminal`, {
      hint: 'to change it without a question: --yes',
    });
  }
  context.report.info(`${CARD_FILE} on it:\n${edit.lines.map((line) => `  ${line}`).join('\n')}`);
  const name = basename(path);
  const typed = await askLine(`    Type ${name} to change it: `, context.signal);
  if (typed === name || typed === path) return;
  throw new InputError(`"${printable(typed)}" is not ${name}; nothing was changed`);
}

async function loadData(context: Context): Promise<CarrierData> {
  const { loadCarriers } = await import('../carriers/load-carriers.ts');
  return loadCarriers((fn) => fn(context));
}

function isNothing({ lines }: CardEdit): boolean {
  return lines.length === 0;
}

function formatEdit(path: string, { lines }: CardEdit, { dryRun }: SetOptions): string {
  if (lines.length === 0) return `${printable(path)} has these settings already.\n`;
  const head = `${CARD_FILE} in ${printable(path)}${dryRun ? ', if it were changed' : ''}:`;
  return [head, ...lines, ''].join('\n');
}

function formatReport({ paths, sha256, writeMs, written, removed, stale }: ChangeReport): string {
  const [first = '', ...others] = paths.map((path) => printable(path));
  return [
    `Changed ${first} in ${Math.max(1, Math.round(writeMs))} ms, and read it back.`,
    ...others.map((path) => `The same image: ${path}`),
    ...(sha256 === undefined ? [] : [`SHA-256:    ${sha256}`]),
    ...(written.length === 0 ? [] : [`Up to date: ${written.join(', ')}`]),
    ...removed.map((text) => `Signature:  ${text}`),
    ...stale.map((text) => `Outdated:   ${text}`),
    '',
  ].join('\n');
}
