import { INTERNATIONAL } from '../formats/country-name.ts';

/** The Pis that one choice stands for: see `PI_CHOICES`. `newer` cannot be chosen. */
export type PiChoice = 'pi1' | 'pi2-3' | 'newer';

/** How to log in: with a public key file, with a password that is asked for next, or not at all. */
export type LoginChoice =
  | { readonly kind: 'key'; readonly path: string; readonly shown: string }
  | { readonly kind: 'password' }
  | { readonly kind: 'nobody' };

/** Where the Pi is used: the options of the build, by name. */
export interface Place {
  readonly timezone?: string;
  readonly locale?: string;
  readonly keyboard?: string;
}

/** What happens with the finished image. */
export type NextChoice = 'nothing' | 'boot' | 'flash' | 'boot-flash';

/** The value of `country` and of `carrier` for a person who types the APN. */
export const OTHER = 'other';

/** Every answer of the dialogue, by its question. */
export interface AllAnswers {
  readonly pi: PiChoice;
  /** A named base. */
  readonly base: string;
  /** Two letters as in the carriers' data, or `OTHER`. */
  readonly country: string;
  /** The value of --carrier, or `OTHER`. */
  readonly carrier: string;
  readonly apn: string;
  readonly login: LoginChoice;
  /** The name of the user who logs in. */
  readonly user: string;
  readonly password: string;
  /** Empty to keep what the base has. */
  readonly place: Place;
  readonly wifi: boolean;
  readonly ssid: string;
  /** Empty for a network without one. */
  readonly passphrase: string;
  /** Two letters. */
  readonly wifiCountry: string;
  readonly hasPin: boolean;
  readonly pin: string;
  readonly next: NextChoice;
}

/** The answers so far. */
export type Answers = Partial<AllAnswers>;

/** The name of a question: that of its answer. */
export type QuestionName = keyof AllAnswers;

/** What the dialogue knows before the first question. */
export interface Facts {
  /** Whether there are carriers to choose from. Without, the APN is typed. */
  readonly hasCarriers: boolean;
  /** Whether this machine's place says something that a base can be set up for. */
  readonly hasPlace: (base: string | undefined) => boolean;
}

/** When each question is asked, in the order in which they are asked. */
const QUESTIONS: Readonly<Record<QuestionName, (answers: Answers, facts: Facts) => boolean>> = {
  pi: () => true,
  base: () => true,
  country: (_, { hasCarriers }) => hasCarriers,
  carrier: ({ country }, { hasCarriers }) => hasCarriers && country !== OTHER,
  apn: ({ country, carrier }, { hasCarriers }) => !hasCarriers || country === OTHER || carrier === OTHER,
  login: () => true,
  user: ({ login }) => login?.kind !== 'nobody',
  password: ({ login }) => login?.kind === 'password',
  place: ({ base }, { hasPlace }) => hasPlace(base),
  wifi: () => true,
  ssid: ({ wifi }) => wifi === true,
  passphrase: ({ wifi }) => wifi === true,
  wifiCountry: (answers) => answers.wifi === true && findWifiCountry(answers) === undefined,
  hasPin: () => true,
  pin: ({ hasPin }) => hasPin === true,
  next: () => true,
};

/** The next question, or undefined if all are answered. */
export function findNextQuestion(answers: Answers, facts: Facts): QuestionName | undefined {
  const names = Object.keys(QUESTIONS) as QuestionName[];
  return names.find((name) => answers[name] === undefined && QUESTIONS[name](answers, facts));
}

/** The country of the Wi-Fi, in capitals: that of the carrier, unless its SIM cards are for all countries. */
export function findWifiCountry({ country, wifiCountry }: Answers): string | undefined {
  if (wifiCountry !== undefined) return wifiCountry.toUpperCase();
  return country === undefined || country === OTHER || country === INTERNATIONAL
    ? undefined
    : country.toUpperCase();
}
