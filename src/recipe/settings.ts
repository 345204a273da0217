import { isKeyboardLayout, isLocaleName, isTimeZoneName } from '../formats/config/locale-settings.ts';
import { suggestNearest } from '../formats/nearest.ts';
import type { Diagnostics } from './notes.ts';
import type { RawOptions } from './options-schema.ts';

/** The time zone. Only its form is checked here; the base knows which zones it has. */
export function readTimeZone({ timezone }: RawOptions, notes: Diagnostics): string | undefined {
  if (timezone === undefined) return undefined;
  const zones = Intl.supportedValuesOf('timeZone');
  const inArea = zones.find((zone) => zone.startsWith(`${timezone}/`));
  if (inArea !== undefined) {
    const message = 'is an area with several time zones';
    notes.issue({ option: 'timezone', value: timezone, message, hint: `give one such as ${inArea}` });
  } else if (!isTimeZoneName(timezone)) {
    const hint = suggestNearest(timezone, zones) ?? 'give one such as Europe/Berlin';
    notes.issue({ option: 'timezone', value: timezone, message: 'is not a time zone', hint });
  }
  return timezone;
}

/** The locale. Only its form is checked here; the base knows which locales it can have. */
export function readLocale({ locale }: RawOptions, notes: Diagnostics): string | undefined {
  if (locale !== undefined && !isLocaleName(locale)) {
    const [, language = '', country = '', modifier = ''] =
      /^([A-Za-z]{2,3})[_-]([A-Za-z]{2})(?:\.[\w-]*)?(@[a-z]{1,20})?$/.exec(locale) ?? [];
    const whole = `${language.toLowerCase()}_${country.toUpperCase()}.UTF-8${modifier}`;
    const hint = isLocaleName(whole) ? `did you mean ${whole}?` : 'give one such as de_DE.UTF-8';
    notes.issue({ option: 'locale', value: locale, message: 'is not a locale in UTF-8', hint });
  }
  return locale;
}

/** The keyboard layout. Only its form is checked here; the base knows which layouts it has. */
export function readKeyboard({ keyboard }: RawOptions, notes: Diagnostics): string | undefined {
  if (keyboard !== undefined && !isKeyboardLayout(keyboard)) {
    const hint = 'give one such as us, gb or de';
    notes.issue({ option: 'keyboard', value: keyboard, message: 'is not a keyboard layout', hint });
  }
  return keyboard;
}
