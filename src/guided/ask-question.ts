import type { CarrierData } from '../carriers/carrier.ts';
import { nameCountry } from '../formats/country-name.ts';
import { type Answers, OTHER, type Place, type QuestionName } from './answers.ts';
import { CHECKS } from './check-answer.ts';
import {
  listBases,
  listLogins,
  listPlaces,
  NEXT_CHOICES,
  nameBase,
  nameCarrier,
  PI_CHOICES,
  searchCarrierChoices,
  searchCountries,
} from './choices.ts';
import { type Ask, BACK, type Turn } from './dialogue.ts';
import type { FoundKey } from './find-ssh-keys.ts';
import type { CountryGuess } from './guess-country.ts';
import { describeLogin } from './plan-guided.ts';
import { type AskingTerminal, askChoice, askSearch, askSecret, askText, type Heading } from './prompts.ts';
import { fitPlace } from './read-place.ts';

/** What the choices are made from. */
export interface Known {
  /** Undefined if it could not be loaded. */
  readonly data: CarrierData | undefined;
  readonly keys: readonly FoundKey[];
  readonly guess: CountryGuess | undefined;
  /** The place of this machine. */
  readonly place: Place;
}

const QUESTIONS: Readonly<Record<QuestionName, string>> = {
  pi: 'Which Raspberry Pi is it for?',
  base: 'Which system goes on it?',
  country: 'In which country is your carrier?',
  carrier: 'Which carrier is the SIM card from?',
  apn: "Which APN? The letter with the SIM card names it, and a phone's settings do.",
  login: 'How will you log in to the Pi?',
  user: 'As which user?',
  password: 'Which password?',
  place: 'Which time zone, language and keyboard does the Pi get?',
  wifi: 'Should the Pi join a Wi-Fi, too?',
  ssid: 'What is the name of the Wi-Fi?',
  passphrase: 'What is its passphrase? Leave it empty if it has none.',
  wifiCountry: 'In which country is the Wi-Fi? Two letters, such as US.',
  hasPin: 'Does the SIM card ask for a PIN?',
  pin: 'Which PIN?',
  next: 'What should happen with the image?',
};

const YES_NO = [
  { value: false, label: 'No' },
  { value: true, label: 'Yes' },
];

/** Asks the questions of the dialogue on a terminal. */
export function createAsk(terminal: AskingTerminal, known: Known): Ask {
  return (turn) => askQuestion(terminal, known, turn);
}

function askQuestion(terminal: AskingTerminal, known: Known, turn: Turn): ReturnType<Ask> {
  const { name, answers, former, canGoBack } = turn;
  const { data, keys, guess } = known;
  const heading: Heading = { answered: listAnswered(answers, known), question: QUESTIONS[name], canGoBack };
  switch (name) {
    case 'pi':
      return askChoice(terminal, heading, PI_CHOICES, former.pi);
    case 'base':
      return askChoice(terminal, heading, listBases(answers), former.base);
    case 'country':
      return askSearch(
        terminal,
        heading,
        (typed) => (data === undefined ? [] : searchCountries(data, guess, typed)),
        former.country,
      );
    case 'carrier':
      return askSearch(
        terminal,
        heading,
        (typed) => (data === undefined ? [] : searchCarrierChoices(data, answers.country ?? '', typed)),
        former.carrier,
      );
    case 'login':
      return askChoice(terminal, heading, listLogins(keys), former.login);
    case 'place':
      return askChoice(terminal, heading, listPlaces(fitPlace(known.place, answers.base)), former.place);
    case 'wifi':
    case 'hasPin':
      return askChoice(terminal, heading, YES_NO, former[name]);
    case 'next':
      return askChoice(terminal, heading, NEXT_CHOICES, former.next);
    case 'password':
      return askPassword(terminal, heading);
    case 'passphrase':
    case 'pin':
      return askSecret(terminal, heading, CHECKS[name]);
    case 'user':
      return askText(terminal, heading, CHECKS.user, former.user ?? 'pi');
    case 'apn':
    case 'ssid':
    case 'wifiCountry':
      return askText(terminal, heading, CHECKS[name], former[name]);
  }
}

/** Asks for a password twice. Back from the second time leads to the first. */
export async function askPassword(terminal: AskingTerminal, heading: Heading): Promise<string | typeof BACK> {
  for (;;) {
    const password = await askSecret(terminal, heading, CHECKS.password);
    if (password === BACK) return BACK;
    const again = { ...heading, question: 'The same password again:', canGoBack: true };
    const check = (typed: string) => (typed === password ? undefined : 'This is not the same password');
    if ((await askSecret(terminal, again, check)) !== BACK) return password;
  }
}

/** The answers so far as lines; a secret is only named. */
function listAnswered(
  answers: Answers,
  { data }: Pick<Known, 'data'>,
): ReadonlyArray<readonly [label: string, answer: string]> {
  const { pi, base, country, carrier, apn, login, user, password, place, wifi, ssid, hasPin, pin, next } =
    answers;
  const isLoginDone =
    login?.kind === 'nobody' || (user !== undefined && (login?.kind === 'key' || password !== undefined));
  const row = data?.carriers.find(({ id }) => id === carrier);
  const lines: ReadonlyArray<readonly [string, string | undefined]> = [
    ['Pi', PI_CHOICES.find(({ value }) => value === pi)?.label],
    ['System', base === undefined ? undefined : nameBase(base)],
    ['Country', country === undefined || country === OTHER ? undefined : nameCountry(country)],
    ['Carrier', row === undefined ? undefined : `${nameCarrier(row)}, APN ${row.apn}`],
    ['APN', apn],
    ['Login', isLoginDone ? describeLogin(answers) : undefined],
    ['Place', place === undefined ? undefined : Object.values(place).join(', ') || 'as the base has it'],
    ['Wi-Fi', wifi === false ? 'no' : ssid],
    ['PIN', hasPin === false ? 'no' : pin === undefined ? undefined : 'yes'],
    ['Then', NEXT_CHOICES.find(({ value }) => value === next)?.label],
  ];
  return lines.filter((line): line is [string, string] => line[1] !== undefined);
}
