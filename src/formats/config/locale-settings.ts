import { BugError } from '../../core/errors.ts';
import { asQuoted, type Quoted } from './quoted.ts';
import { findFaults, type Rule } from './rule.ts';

/** What refuses the form of a time zone's name: tzfile(5), theory of the tz database. */
export const TIME_ZONE_RULES: readonly Rule[] = [
  {
    pattern: '^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z][A-Za-z0-9_+-]*){0,2}$',
    fault: 'is not a time zone; give one such as Europe/Berlin',
  },
  { pattern: '^.{65}', refuses: true, fault: 'is longer than 64 characters' },
];

/**
 * Whether a text has the form of a locale that wwanpi can set: `de_DE.UTF-8`, `ca_ES.UTF-8@valencia`, `C.UTF-8`
 * (setlocale(3)). Only UTF-8, because everything else on today's Pi expects it.
 */
export function isLocaleName(text: string): boolean {
  return /^(?:C|[a-z]{2,3}_[A-Z]{2})\.UTF-8(?:@[a-z]{1,20})?$/.test(text) && !text.startsWith('C.UTF-8@');
}

/** Whether a text has the form of an XKB layout: `gb`, `latam` (xkeyboard-config(7)). */
export function isKeyboardLayout(text: string): boolean {
  return /^[a-z][a-z0-9_]{1,15}$/.test(text);
}

/** Whether a text has the form of a time zone: `Europe/Berlin`, `UTC`. */
export function isTimeZoneName(text: string): boolean {
  return findFaults(text, TIME_ZONE_RULES).length === 0;
}

/** A locale for a shell assignment and for /etc/locale.gen. */
export function quoteLocale(locale: string): Quoted {
  if (!isLocaleName(locale)) throw new BugError('the locale was not checked');
  return asQuoted(locale);
}

/** A layout for /etc/default/keyboard, in double quotes as keyboard(5) has it; none: an empty value. */
export function quoteLayout(layout: string | undefined): Quoted {
  if (layout !== undefined && !isKeyboardLayout(layout)) throw new BugError('the layout was not checked');
  return asQuoted(`"${layout ?? ''}"`);
}

/**
 * A file of shell assignments with some of them changed, as raspi-config does: the line of a variable is replaced in
 * its place, and a missing one comes at the end.
 */
export function setVariables(text: string, values: Readonly<Record<string, Quoted>>): string {
  let edited = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  for (const [name, value] of Object.entries(values)) {
    const line = `${name}=${value}`;
    const old = new RegExp(`^[ \\t]*${name}=.*$`, 'm');
    edited = old.test(edited) ? edited.replace(old, line) : `${edited}${line}\n`;
  }
  return edited;
}

/** The value of a variable in such a file; undefined if it is not set. */
export function getVariable(text: string, name: string): string | undefined {
  return new RegExp(`^[ \\t]*${name}=["']?([^"'\\n]*)["']?[ \\t]*$`, 'm').exec(text)?.[1];
}

/** The layouts in the list of xkb-data, /usr/share/X11/xkb/rules/base.lst: the section `! layout`. */
export function listLayouts(rules: string): string[] {
  const section = /^! layout\n((?:(?!!).*\n?)*)/m.exec(rules)?.[1] ?? '';
  return section.split('\n').flatMap((line) => /^ {2}(\S+)/.exec(line)?.[1] ?? []);
}

/** The locales of /usr/share/i18n/SUPPORTED or /etc/locale.gen whose character set is UTF-8. */
export function listLocales(text: string): string[] {
  return text.split('\n').flatMap((line) => /^(\S+)[ \t]+UTF-8[ \t]*$/.exec(line)?.[1] ?? []);
}
