import { foldWords } from '../formats/fold-text.ts';

/** What a search compares its words with. Everything is folded (formats/fold-text.ts). */
export interface Searchable {
  /** The carrier's name and its other names; the first one ranks best. */
  readonly names: readonly Folded[];
  /** The country's names, each as one word. */
  readonly countries: readonly string[];
  /** Plan and APN. */
  readonly details: readonly Folded[];
}

/** A folded text, from each of its words on: T-Mobile US is `tmobileus`, `mobileus`, `us`. */
export type Folded = readonly string[];

/** A folded text for a `Searchable`. */
export function fold(text: string): Folded {
  const words = foldWords(text);
  return words.map((_, index) => words.slice(index).join(''));
}

/**
 * How well words fit: 0 is the carrier's whole name, more is worse, undefined means that a word is not there. A word
 * fits where it is the beginning of a word of the text. Several words may be one in the text and the other way round:
 * `metro pcs` fits MetroPCS, and `tmobile` fits T-Mobile.
 * @param words folded, none of them empty
 */
export function matchStarts(words: readonly string[], text: Searchable): number | undefined {
  // best[i] is the cost of the words from i on.
  const best: (number | undefined)[] = Array<undefined>(words.length).concat([undefined]);
  best[words.length] = 0;
  for (let from = words.length - 1; from >= 0; from -= 1) {
    for (let to = from + 1; to <= words.length; to += 1) {
      const rest = best[to];
      const cost = rest === undefined ? undefined : matchOne(words.slice(from, to).join(''), text);
      if (rest === undefined || cost === undefined) continue;
      best[from] = Math.min(best[from] ?? Number.POSITIVE_INFINITY, cost + rest);
    }
  }
  return best[0];
}

/** The same where a word fits anywhere in the text; for a search that finds nothing otherwise. */
export function matchInside(words: readonly string[], text: Searchable): number | undefined {
  const texts = [...text.names, ...text.details].map(([whole = '']) => whole).concat(text.countries);
  return words.every((word) => texts.some((whole) => whole.includes(word))) ? COST.inside : undefined;
}

const COST = {
  ...{ name: 0, otherName: 0.25, country: 0.5, countryStart: 1, nameStart: 2, nameWord: 3 },
  ...{ detail: 3.5, detailStart: 4, detailWord: 5, inside: 10 },
};

/** Too short a beginning says nothing: `t` would be all names with T. */
const SHORTEST_START = 2;
const SHORTEST_COUNTRY_START = 4;

function matchOne(word: string, { names, countries, details }: Searchable): number | undefined {
  const isStart = word.length >= SHORTEST_START;
  const [name, ...others] = names;
  if (name?.[0] === word) return COST.name;
  if (others.some(([whole]) => whole === word)) return COST.otherName;
  if (countries.includes(word)) return COST.country;
  if (word.length >= SHORTEST_COUNTRY_START && countries.some((country) => country.startsWith(word))) {
    return COST.countryStart;
  }
  if (isStart && names.some(([whole]) => whole?.startsWith(word))) return COST.nameStart;
  if (isStart && names.some((starts) => starts.some((start) => start.startsWith(word)))) return COST.nameWord;
  if (details.some(([whole]) => whole === word)) return COST.detail;
  if (isStart && details.some(([whole]) => whole?.startsWith(word))) return COST.detailStart;
  if (isStart && details.some((starts) => starts.some((start) => start.startsWith(word))))
    return COST.detailWord;
  return undefined;
}
