import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BaseFiles, FileChange, Stack } from '../../src/core/model.ts';
import { listRequiredFiles, planChanges } from '../../src/customise/plan-changes.ts';
import { formatBashRules } from '../../src/formats/card-settings/bash-rules.ts';
import { DPKG_STATUS } from '../../src/formats/config/base-text.ts';
import type { Recipe } from '../../src/recipe/recipe.ts';
import { listStages } from '../../stage/index.ts';
import { renderOverlays } from './rendered-overlays.ts';
import { stretchFacts, stretchFiles } from './stretch-files.ts';
import { trixieFacts, trixieFiles } from './trixie-files.ts';

/** A made-up base of each stack. */
const BASES = {
  ifupdown: { files: stretchFiles, facts: stretchFacts },
  networkmanager: { files: trixieFiles, facts: trixieFacts },
} as const;

/** Lays out a simulated Pi, as an image of this recipe is after its build. */
export async function makeCardRoot(folder: string, recipe: Recipe, stack: Stack = 'ifupdown'): Promise<void> {
  const { files, changes } = planImage(recipe, stack);
  const put = async (path: string, content: Uint8Array | string, mode = 0o644) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await rm(join(folder, path), { force: true });
    await writeFile(join(folder, path), content, { mode });
  };
  for (const [path, file] of BASES[stack].files([
    ...files.keys(),
    DPKG_STATUS,
    '/usr/share/zoneinfo/Europe/Berlin',
  ])) {
    if (file !== undefined) await put(path, file.content, file.mode);
  }
  await mkdir(join(folder, 'home/pi'), { recursive: true });
  for (const path of ['run', 'proc/sys/kernel', 'var/lib/wwanpi'])
    await mkdir(join(folder, path), { recursive: true });
  for (const change of changes) {
    if (change.kind === 'file') await put(change.path, change.content, change.mode);
    if (change.kind === 'symlink') {
      await mkdir(dirname(join(folder, change.path)), { recursive: true });
      await rm(join(folder, change.path), { force: true });
      await symlink(change.target, join(folder, change.path));
    }
    if (change.kind === 'directory') await mkdir(join(folder, change.path), { recursive: true });
    if (change.kind === 'remove') await rm(join(folder, change.path), { force: true });
  }
}

/** The script, and where it finds its rules: they are made, so they are no overlay. */
export async function makeCardLibrary(folder: string, stack: Stack = 'ifupdown'): Promise<string> {
  const library = join(folder, 'lib');
  await mkdir(library, { recursive: true });
  for (const part of ['card-settings', 'card-check', 'card-files', 'card-plan', 'card-users']) {
    await symlink(join(renderOverlays(stack), 'usr/lib/wwanpi', part), join(library, part));
  }
  await writeFile(join(library, 'card-rules'), formatBashRules(stack));
  return library;
}

/** A file of a finished image: its content as one character a byte, and its mode; or where a symlink leads. */
export type CardFile = { readonly text: string; readonly mode: number } | { readonly target: string };

/** The files of an image of this recipe, as far as stages read or write them. */
export function planCardImage(recipe: Recipe, stack: Stack = 'ifupdown'): Map<string, CardFile> {
  const { files, changes } = planImage(recipe, stack);
  const image = new Map<string, CardFile>();
  const put = (path: string, content: Uint8Array, mode: number) =>
    image.set(path, { text: Buffer.from(content).toString('latin1'), mode });
  for (const [path, file] of files) if (file !== undefined) put(path, file.content, file.mode);
  for (const change of changes) {
    if (change.kind === 'file') put(change.path, change.content, change.mode);
    if (change.kind === 'symlink') image.set(change.path, { target: change.target });
    if (change.kind === 'remove') image.delete(change.path);
  }
  return image;
}

/** What a build of this recipe makes of the base: the base's files that stages read, and the changes. */
function planImage(recipe: Recipe, stack: Stack): { files: BaseFiles; changes: readonly FileChange[] } {
  // With the account database, which a recipe without a user does not need, but a card with one does.
  const base = BASES[stack];
  // The stages that change what wwanpi.txt can change, and wwanpi.txt itself.
  const stages = listStages(stack).filter(({ name }) => !['libqmi', 'modem-manager'].includes(name));
  const files = base.files(listRequiredFiles({ ...recipe, user: recipe.user ?? 'anna' }, stages));
  return { files, changes: planChanges(recipe, base.facts, files, [], stages).changes };
}
