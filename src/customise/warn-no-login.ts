import { findBase } from '../base/bases.ts';
import type { Context } from '../core/context.ts';
import type { Disk } from '../core/model.ts';
import { listPasswordUsers } from '../formats/config/accounts.ts';
import { getText } from '../formats/config/base-text.ts';
import { openDisk } from '../image/open-disk.ts';
import { readBaseFiles } from '../image/read-base-files.ts';
import { explainNoLogin, NO_LOGIN_HINT } from '../recipe/explain-no-login.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { findRawBase } from './check-base.ts';

/**
 * Finds out, before any work, whether nobody can log in to an image: for a named base from what is known of it, for a
 * raw .img from its accounts.
 * @returns why, as a sentence; undefined if somebody can, or if an archive has to be unpacked first
 */
export async function foreseeNoLogin(
  base: string,
  recipe: Pick<Recipe, 'sshKeys' | 'password'>,
): Promise<string | undefined> {
  const named = findBase(base);
  if (named !== undefined) return explainNoLogin(recipe, named.passwordUsers);
  const raw = await findRawBase(base);
  return raw === undefined ? undefined : explainNoLogin(recipe, await readPasswordUsers(await openDisk(raw)));
}

/** Reads which users of a disk can log in with a password. */
export async function readPasswordUsers(disk: Disk): Promise<string[]> {
  const files = await readBaseFiles(disk, [PASSWD, SHADOW]);
  return listPasswordUsers(getText(files, PASSWD) ?? '', getText(files, SHADOW) ?? '');
}

/**
 * Warns about images that nobody can log in to, unless that is wanted.
 * @param recipes the recipes for one base
 */
export function warnNoLogin(
  { report }: Pick<Context, 'report'>,
  recipes: readonly Recipe[],
  passwordUsers: readonly string[],
): void {
  const closed = recipes.filter(
    (recipe) => !recipe.noLogin && explainNoLogin(recipe, passwordUsers) !== undefined,
  );
  const [first] = closed;
  if (first === undefined) return;
  const images = recipes.length === 1 ? undefined : listNames(closed);
  report.warn(`${explainNoLogin(first, passwordUsers, images)}; ${NO_LOGIN_HINT}`);
}

const PASSWD = '/etc/passwd';
const SHADOW = '/etc/shadow';
const MAX_NAMES = 3;

function listNames(recipes: readonly Recipe[]): string {
  const names = recipes.slice(0, MAX_NAMES).map(({ name }) => name);
  const more = recipes.length - names.length;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}
