import { type CardValues, checkCardSettings } from '../../formats/card-settings/check.ts';
import { type CardKey, getCardKey } from '../../formats/card-settings/keys.ts';
import { checkApn } from '../../formats/config/apn.ts';
import { all, byId, showFault, textOf } from './dom.ts';

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** The fields of the settings. */
export interface Settings {
  /** The settings to change; undefined if one is wrong, and then the first wrong field has the focus. */
  read(): CardValues | undefined;
}

/**
 * Checks the fields as one types: a fault stands below its field and goes away with its cause.
 * @param onChange called after every change
 */
export function startSettings(onChange: () => void): Settings {
  const controls = all<Control>('[data-key]', byId('maker'));
  const touched = new Set<Control>();
  const check = () => {
    const faults = findFaults(readValues(controls));
    for (const control of controls) {
      const fault = touched.has(control) ? faults.get(keyOf(control)) : undefined;
      showFault(control, fault === undefined ? undefined : `${labelOf(control)} ${fault}.`);
    }
    return faults;
  };
  for (const control of controls) {
    control.addEventListener('input', () => {
      touched.add(control);
      check();
      onChange();
    });
  }
  byId('make-show').addEventListener('change', () => {
    const shown = byId<HTMLInputElement>('make-show').checked;
    for (const secret of all<HTMLInputElement>('[data-secret]', byId('maker'))) {
      secret.type = shown ? 'text' : 'password';
    }
  });
  return {
    read() {
      for (const control of controls) touched.add(control);
      const faults = check();
      const first = controls.find((control) => faults.has(keyOf(control)));
      if (first === undefined) return readValues(controls);
      const folded = first.closest('details');
      if (folded !== null) folded.open = true;
      first.focus();
      return undefined;
    },
  };
}

/**
 * A field that is left empty changes nothing; the APN's own fields are replaced together, and a Wi-Fi network takes no
 * passphrase of another. Blanks around a value come from copying it, but may belong to a password.
 */
function readValues(controls: readonly Control[]): CardValues {
  const values = new Map<CardKey, string>();
  for (const control of controls) {
    const value = getCardKey(keyOf(control)).secret ? control.value : control.value.trim();
    if (value !== '' || control.dataset.empty === 'none') values.set(keyOf(control), value);
  }
  if (values.has('wifi-ssid') && !values.has('wifi-password')) values.set('wifi-password', '');
  return values;
}

/** One fault a key, by the rules of the command line; it names the characters that an APN cannot have. */
function findFaults(values: CardValues): ReadonlyMap<CardKey, string> {
  const faults = new Map(checkCardSettings(values).map(({ key, fault }) => [key, fault]));
  const [apnFault] = checkApn(values.get('apn') ?? '').faults;
  if (faults.has('apn') && apnFault !== undefined) faults.set('apn', apnFault);
  for (const [key, value] of values) {
    if (/^[ \t]|[ \t]$/.test(value))
      faults.set(key, 'begins or ends with a blank, which wwanpi.txt cannot hold');
  }
  return faults;
}

function keyOf(control: Control): CardKey {
  return control.dataset.key as CardKey;
}

function labelOf(control: Control): string {
  return textOf(byId('maker'), `label[for="${control.id}"]`);
}
