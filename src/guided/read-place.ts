import { readFile } from 'node:fs/promises';
import { findBase } from '../base/bases.ts';
import { type Environment, readVariable } from '../core/environment.ts';
import {
  getVariable,
  isKeyboardLayout,
  isLocaleName,
  isTimeZoneName,
} from '../formats/config/locale-settings.ts';
import type { Place } from './answers.ts';

/** keyboard(5): Debian's settings of the keyboard, for the console and for X. */
const KEYBOARD = '/etc/default/keyboard';

/**
 * The place of this machine, as far as it says something: UTC is no place, and C no language.
 * @param keyboard the text of /etc/default/keyboard
 */
export function parsePlace(env: Environment, zone: string | undefined, keyboard: string): Place {
  const locale = (readVariable('LC_ALL', env) ?? readVariable('LANG', env) ?? '').replace(
    /\.utf-?8/i,
    '.UTF-8',
  );
  // Several layouts that one can switch between are separated by commas.
  const [layout = ''] = (getVariable(keyboard, 'XKBLAYOUT') ?? '').split(',');
  return {
    ...(zone !== undefined && isTimeZoneName(zone) && !/^(UTC|GMT|Etc\/.*)$/.test(zone)
      ? { timezone: zone }
      : {}),
    ...(isLocaleName(locale) && locale !== 'C.UTF-8' ? { locale } : {}),
    ...(isKeyboardLayout(layout) ? { keyboard: layout } : {}),
  };
}

/** The place of this machine. */
export async function readPlace(): Promise<Place> {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return parsePlace(process.env, timeZone, await readFile(KEYBOARD, 'utf8').catch(() => ''));
}

/** The part of a place that a base can be set up for: a built base has neither locales nor keyboard layouts. */
export function fitPlace(place: Place, base: string | undefined): Place {
  const { timezone } = place;
  if (findBase(base ?? '')?.kind !== 'built') return place;
  return timezone === undefined ? {} : { timezone };
}
