import type { Recipe } from './recipe.ts';

/** What to do about an image that nobody can log in to. */
export const NO_LOGIN_HINT =
  'give --ssh-key or --password ($WWANPI_PASSWORD is safer), or --no-login if that is wanted';

/**
 * Why nobody can log in to an image, as a sentence; undefined if somebody can. Keys and passwords are for a user that
 * the base has or that is made, or else the base is refused.
 * @param passwordUsers the users of the base who can log in with a password of the base
 * @param images what the sentence calls the image
 */
export function explainNoLogin(
  { sshKeys, password }: Pick<Recipe, 'sshKeys' | 'password'>,
  passwordUsers: readonly string[],
  images = 'this image',
): string | undefined {
  if (sshKeys.length > 0 || password.kind !== 'stock' || passwordUsers.length > 0) return undefined;
  return `nobody can log in to ${images}, because no user of the base has a password, and no key or password is given`;
}
