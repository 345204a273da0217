/**
 * Why a text cannot be a user's name, or undefined. The rules of adduser(8) on Stretch (NAME_REGEX of adduser.conf(5),
 * `^[a-z][-a-z0-9_]*$`) with the limit of useradd(8), 32 characters.
 */
export function validateUserName(name: string): string | undefined {
  if (/^[a-z][-a-z0-9_]{0,31}$/.test(name)) return undefined;
  if (name === '') return 'is empty';
  if (name.length > 32) return 'is longer than 32 characters';
  return 'is not a name that adduser takes: small letters, digits, "-" and "_", a letter first';
}
