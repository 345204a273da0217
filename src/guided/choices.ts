import { findBase } from '../base/bases.ts';
import type { Carrier, CarrierData } from '../carriers/carrier.ts';
import { searchCarriers } from '../carriers/search-carriers.ts';
import { INTERNATIONAL, listCountryNames, nameCountry } from '../formats/country-name.ts';
import { foldText, foldWords } from '../formats/fold-text.ts';
import { printable } from '../formats/printable.ts';
import type { Answers, LoginChoice, NextChoice, PiChoice, Place } from './answers.ts';
import { OTHER } from './answers.ts';
import type { FoundKey } from './find-ssh-keys.ts';
import type { CountryGuess } from './guess-country.ts';
import type { Choice } from './prompts.ts';

/** The Pis, and the bases that they start, as docs/reference/bases.md has them; the best base first. */
export const PI_CHOICES: readonly (Choice<PiChoice> & { readonly bases: readonly string[] })[] = [
  { value: 'pi2-3', label: 'Pi 2 or Pi 3', bases: ['debian-bookworm', 'raspbian-stretch'] },
  {
    value: 'newer',
    label: 'Pi 4, 400, 5, 500, Zero 2 W',
    bases: ['raspios-trixie', 'raspios-bookworm'],
  },
  {
    value: 'pi1',
    label: 'Pi 1, Zero, Zero W',
    hint: 'untested',
    bases: ['raspbian-stretch'],
  },
];

const BASE_TEXTS: Readonly<Record<string, { readonly label: string; readonly hint: string }>> = {
  'debian-bookworm': { label: 'Debian 12', hint: 'gets security updates' },
  'raspbian-stretch': { label: 'Raspbian Stretch', hint: 'of 2019, no updates' },
  'raspios-trixie': { label: 'Raspberry Pi OS Trixie', hint: 'gets security updates' },
  'raspios-bookworm': { label: 'Raspberry Pi OS Bookworm', hint: 'the one before' },
};

/** The bases for a Pi. */
export function listBases({ pi }: Answers): Choice<string>[] {
  const names = PI_CHOICES.find(({ value }) => value === pi)?.bases ?? [];
  return names.map((value) => ({ value, label: nameBase(value), hint: BASE_TEXTS[value]?.hint }));
}

/** What people call a base. */
export function nameBase(name: string): string {
  return BASE_TEXTS[name]?.label ?? findBase(name)?.description ?? name;
}

/** The countries that have carriers: the guess first, then by name, international SIM cards last. */
export function searchCountries(
  { carriers }: CarrierData,
  guess: CountryGuess | undefined,
  typed: string,
): Choice<string>[] {
  const codes = [...new Set(carriers.map(({ country }) => country))];
  const order = (code: string): number => (code === guess?.country ? 0 : code === INTERNATIONAL ? 2 : 1);
  const all = codes
    .map((value) => ({
      value,
      label: value === INTERNATIONAL ? 'SIM cards for all countries' : nameCountry(value),
      hint: value === guess?.country ? `by your ${guess.from}` : value.toUpperCase(),
    }))
    .sort((a, b) => order(a.value) - order(b.value) || a.label.localeCompare(b.label, 'en'));
  const wanted = foldText(typed);
  const rank = ({ value, label }: Choice<string>): number | undefined => {
    if (wanted === '') return 0;
    const names = listCountryNames(value);
    if (names.includes(wanted)) return 0;
    if (names.some((name) => name.startsWith(wanted))) return 1;
    if (foldWords(label).some((word) => word.startsWith(wanted))) return 2;
    return names.some((name) => name.includes(wanted)) ? 3 : undefined;
  };
  const found = all
    .flatMap((choice) => {
      const at = rank(choice);
      return at === undefined ? [] : [{ choice, at }];
    })
    .sort((a, b) => a.at - b.at)
    .map(({ choice }) => choice);
  return [...found, { value: OTHER, label: 'Type the APN instead', isPinned: true }];
}

/**
 * The carriers of a country that match what is typed, each with the APN that is recommended. A carrier without one, or one
 * of which only other APNs match, is there with each of these. The last choice is to type the APN.
 */
export function searchCarrierChoices(data: CarrierData, country: string, typed: string): Choice<string>[] {
  const rows = searchCarriers(data.carriers, typed, { country }).flatMap(({ recommended, apns }) =>
    recommended !== undefined && apns.includes(recommended) ? [recommended] : apns,
  );
  return [
    ...rows.map((row) => ({ value: row.id, label: nameCarrier(row), hint: printable(row.apn) })),
    { value: OTHER, label: 'Another one: type its APN', isPinned: true },
  ];
}

/** A carrier; with its plan, unless its APN is the recommended one. */
export function nameCarrier({ provider, plan, recommended }: Carrier): string {
  return printable(
    recommended || plan === undefined || plan === provider ? provider : `${provider}, ${plan}`,
  );
}

/** How to log in: with each key that was found, with a password, or not at all. */
export function listLogins(keys: readonly FoundKey[]): Choice<LoginChoice>[] {
  return [
    ...keys.map(({ path, shown, comment }) => ({
      value: { kind: 'key', path, shown } as const,
      label: `With the key ${shown}`,
      hint: comment,
    })),
    { value: { kind: 'password' }, label: 'With a password' },
    { value: { kind: 'nobody' }, label: 'Nobody logs in' },
  ];
}

/** Where the Pi is used: as this machine, or as the base has it. */
export function listPlaces(place: Place): Choice<Place>[] {
  return [
    { value: place, label: 'As on this machine', hint: Object.values(place).join(', ') },
    { value: {}, label: 'As the base has it', hint: 'UTC, English' },
  ];
}

/** What can be done with the image. */
export const NEXT_CHOICES: readonly Choice<NextChoice>[] = [
  { value: 'boot', label: 'Test it in an emulator', hint: 'about a minute' },
  { value: 'boot-flash', label: 'Test it, then write it to a card' },
  { value: 'flash', label: 'Write it to a card' },
  { value: 'nothing', label: 'Nothing yet' },
];
