import type { BaseFiles } from '../src/core/model.ts';
import { basePackages, DPKG_STATUS, getText } from '../src/formats/config/base-text.ts';
import {
  getVariable,
  listLayouts,
  listLocales,
  quoteLayout,
  quoteLocale,
  setVariables,
} from '../src/formats/config/locale-settings.ts';
import { suggestNearest } from '../src/formats/nearest.ts';
import { editedFile } from './edited-file.ts';
import { removeOld } from './remove-old.ts';
import { fromOverlay } from './root-file.ts';
import type { Stage, StagePlan } from './stage.ts';

const ZONES = '/usr/share/zoneinfo';
const LOCALTIME = '/etc/localtime';
const TIMEZONE = '/etc/timezone';
const LOCALE = '/etc/default/locale';
const LOCALE_GEN = '/etc/locale.gen';
const SUPPORTED = '/usr/share/i18n/SUPPORTED';
const KEYBOARD = '/etc/default/keyboard';
const LAYOUTS = '/usr/share/X11/xkb/rules/base.lst';
/** What setupcon(1) saved for the old layout. keyboard-setup.service prefers it, and setupcon makes it again. */
const SAVED = ['/etc/console-setup/cached_setup_keyboard.sh', '/etc/console-setup/cached_UTF-8_del.kmap.gz'];
// Units go to /etc: /lib is a folder on Stretch and a symlink on bookworm.
const UNIT = '/etc/systemd/system/wwanpi-locale.service';
const WANTED = '/etc/systemd/system/multi-user.target.wants/wwanpi-locale.service';
const MARKER = '/var/lib/wwanpi/locale.done';

/** Time zone, locale and keyboard layout, in the files that raspi-config and dpkg-reconfigure change. */
export const settings: Stage = {
  name: 'settings',
  reads: ({ timezone, locale, keyboard }) => [
    ...(timezone === undefined ? [] : [`${ZONES}/${timezone}`, LOCALTIME, TIMEZONE]),
    ...(locale === undefined ? [] : [LOCALE, LOCALE_GEN, SUPPORTED, UNIT, WANTED, MARKER]),
    ...(keyboard === undefined ? [] : [KEYBOARD, LAYOUTS, ...SAVED]),
    DPKG_STATUS,
  ],
  plan: ({ recipe, files, overlay }) => {
    const { timezone, locale, keyboard } = recipe;
    const parts = [
      timezone === undefined ? {} : planTimeZone(timezone, files),
      locale === undefined ? {} : planLocale(locale, files, overlay),
      keyboard === undefined ? {} : planKeyboard(keyboard, files),
    ];
    return {
      changes: parts.flatMap((part) => part.changes ?? []),
      faults: parts.flatMap((part) => part.faults ?? []),
    };
  },
};

/** As `dpkg-reconfigure tzdata` does: a symlink for the C library, and the name for people and for the next time. */
function planTimeZone(timezone: string, files: BaseFiles): Partial<StagePlan> {
  if (files.get(`${ZONES}/${timezone}`) === undefined) {
    const hint =
      suggestNearest(timezone, Intl.supportedValuesOf('timeZone')) ?? 'give one such as Europe/Berlin';
    return { faults: [`the base has no time zone ${timezone} (--timezone); ${hint}`] };
  }
  return {
    changes: [
      { kind: 'symlink', stage: 'settings', path: LOCALTIME, target: `${ZONES}/${timezone}` },
      editedFile('settings', TIMEZONE, `${timezone}\n`, files),
    ],
  };
}

/**
 * As raspi-config's do_change_locale: the locale alone in /etc/locale.gen, and LANG. locale-gen then runs once on the
 * Pi, because its result depends on the base's C library. The C library has C.UTF-8 without it.
 */
function planLocale(locale: string, files: BaseFiles, overlay: (path: string) => string): Partial<StagePlan> {
  const value = quoteLocale(locale);
  const lang = editedFile(
    'settings',
    LOCALE,
    setVariables(getText(files, LOCALE) ?? '', { LANG: value }),
    files,
  );
  if (locale === 'C.UTF-8') return { changes: [lang] };
  if (!basePackages(files).has('locales')) {
    return {
      faults: [
        `the base has no package locales, so it knows no locale but C.UTF-8, and --locale ${locale} is not possible; ` +
          'leave it out, and on the Pi, once it is online, run: sudo apt install locales && sudo dpkg-reconfigure locales',
      ],
    };
  }
  const known = listLocales(getText(files, SUPPORTED) ?? '');
  if (!known.includes(locale)) {
    const hint = suggestNearest(locale, known) ?? `the base's ${SUPPORTED} lists them`;
    return { faults: [`the base's package locales has no ${locale} (--locale); ${hint}`] };
  }
  if (listLocales(getText(files, LOCALE_GEN) ?? '').includes(locale)) return { changes: [lang] };
  return {
    changes: [
      lang,
      editedFile('settings', LOCALE_GEN, `${value} UTF-8\n`, files),
      fromOverlay('settings', overlay)(UNIT),
      { kind: 'symlink', stage: 'settings', path: WANTED, target: UNIT },
      // A base that wwanpi made earlier, with another locale, may have the marker.
      ...removeOld('settings', [MARKER], files),
    ],
  };
}

/** As raspi-config's do_configure_keyboard; a variant of the old layout is removed, because the new one may not have it. */
function planKeyboard(layout: string, files: BaseFiles): Partial<StagePlan> {
  if (!basePackages(files).has('keyboard-configuration')) {
    return {
      faults: [
        `the base has no package keyboard-configuration, so its keyboard stays US and --keyboard ${layout} is not possible; ` +
          'leave it out, and on the Pi, once it is online, run: sudo apt install console-setup',
      ],
    };
  }
  const rules = getText(files, LAYOUTS);
  const known = rules === undefined ? undefined : listLayouts(rules);
  if (known !== undefined && !known.includes(layout)) {
    const hint = suggestNearest(layout, known) ?? 'give one such as us, gb or de';
    return { faults: [`the base knows no keyboard layout ${layout} (--keyboard); ${hint}`] };
  }
  const old = getText(files, KEYBOARD) ?? '';
  if (getVariable(old, 'XKBLAYOUT') === layout) return {};
  const values = { XKBLAYOUT: quoteLayout(layout), XKBVARIANT: quoteLayout(undefined) };
  return {
    changes: [
      editedFile('settings', KEYBOARD, setVariables(old, values), files),
      ...removeOld('settings', SAVED, files),
    ],
  };
}
