import { findBase } from '../base/bases.ts';
import { type Carrier, type CarrierData, searchCarriers } from '../carriers/carriers.ts';
import { INTERNATIONAL, nameCountry } from '../formats/country-name.ts';
import { printable } from '../formats/printable.ts';
import type { Answers, LoginChoice, NextChoice, PiChoice } from './answers.ts';
import { OTHER } from './answers.ts';
import type { FoundKey } from './find-ssh-keys.ts';
import type { CountryGuess } from './guess-country.ts';
import type { Choice } from './prompts.ts';

/** The Pis, and the bases that they start, as docs/reference/bases.md has them; the best base first. */
export const PI_CHOICES: readonly (Choice<PiChoice> & { readonly bases: readonly string[] })[] = [
  { value: 'pi2-3', label: 'Pi 2 or Pi 3', bases: ['debian-bookworm', 'raspbian-stretch'] },
  {
    value: 'pi1',
    label: 'Pi 1, Zero, Zero W',
    hint: 'untested',
    bases: ['raspbian-stretch'],
  },
  {
    value: 'newer',
    label: 'Pi 4, 400, 5, 500',
    hint: 'does not work',
    disabled: true,
    bases: [],
  },
];

const BASE_TEXTS: Readonly<Record<string, { readonly label: string; readonly hint: string }>> = {
  'debian-bookworm': { label: 'Debian 12', hint: 'gets security updates' },
  'raspbian-stretch': { label: 'Raspbian Stretch', hint: 'of 2019, no updates' },
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
  const named = codes
    .filter((code) => code !== INTERNATIONAL)
    .map((value) => ({
      value,
      label: nameCountry(value),
      hint: value === guess?.country ? `by your ${guess.from}` : value.toUpperCase(),
    }))
    .sort((a, b) => a.label.localeCompare(b.label, 'en'));
  const isGuess = ({ value }: Choice<string>) => value === guess?.country;
  const all = [
    ...named.filter(isGuess),
    ...named.filter((choice) => !isGuess(choice)),
    ...(codes.includes(INTERNATIONAL)
      ? [{ value: INTERNATIONAL, label: 'SIM cards for all countries', hint: '' }]
      : []),
  ];
  const wanted = fold(typed);
  const rank = ({ value, label }: Choice<string>): number => {
    const name = fold(label);
    if (ALIASES[wanted] === value || value === wanted || name.startsWith(wanted)) return 0;
    return name.includes(` ${wanted}`) ? 1 : name.includes(wanted) ? 2 : 3;
  };
  const ranked = wanted === '' ? all : [0, 1, 2].flatMap((at) => all.filter((choice) => rank(choice) === at));
  return [...ranked, { value: OTHER, label: 'Type the APN instead', isPinned: true }];
}

/** The carriers of a country that match what is typed. The last choice is to type the APN. */
export function searchCarrierChoices(data: CarrierData, country: string, typed: string): Choice<string>[] {
  const found = searchCarriers(data.carriers, typed, { country });
  return [
    ...found.map((carrier) => ({
      value: carrier.id,
      label: nameCarrier(carrier),
      hint: printable(carrier.apn),
    })),
    { value: OTHER, label: 'Another one: type its APN', isPinned: true },
  ];
}

/** A carrier with its plan. */
export function nameCarrier({ provider, plan }: Pick<Carrier, 'provider' | 'plan'>): string {
  return printable(plan === undefined || plan === provider ? provider : `${provider}, ${plan}`);
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

/** What can be done with the image. */
export const NEXT_CHOICES: readonly Choice<NextChoice>[] = [
  { value: 'boot', label: 'Test it in an emulator', hint: 'about a minute' },
  { value: 'boot-flash', label: 'Test it, then write it to a card' },
  { value: 'flash', label: 'Write it to a card' },
  { value: 'nothing', label: 'Nothing yet' },
];

/** What people type for a country. ISO 3166 has gb for the United Kingdom. */
const ALIASES: Readonly<Record<string, string>> = {
  uk: 'gb',
  usa: 'us',
  america: 'us',
  england: 'gb',
  holland: 'nl',
};

function fold(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().trim();
}
