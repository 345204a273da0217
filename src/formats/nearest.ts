import { distance } from 'fastest-levenshtein';

/**
 * The known name that a mistyped word most likely means: one that differs in a few letters, or else the shortest
 * one that contains the word. Case is ignored.
 */
export function findNearest(word: string, known: readonly string[]): string | undefined {
  const wanted = word.toLowerCase();
  const limit = countTypos(wanted);
  const ranked = known
    .map((name) => ({ name, edits: distance(wanted, name.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const [best] = ranked;
  if (best !== undefined && best.edits <= limit && best.edits < wanted.length) return best.name;
  if (wanted.length < 3) return undefined;
  return ranked.find(({ name }) => name.toLowerCase().includes(wanted))?.name;
}

/**
 * The known names that a mistyped word may mean, nearest first: those that begin with the word, then those that differ
 * in a few letters. Case and hyphens are ignored.
 */
export function rankNearest(word: string, known: readonly string[]): string[] {
  const plain = (text: string): string => text.toLowerCase().replaceAll('-', '');
  const wanted = plain(word);
  if (wanted === '') return [];
  const limit = countTypos(wanted);
  return known
    .map((name) => {
      const edits = distance(wanted, plain(name));
      const isStart = wanted.length > 2 && plain(name).startsWith(wanted);
      return { name, edits: isStart ? Math.min(edits, 1) : edits };
    })
    .filter(({ edits }) => edits <= limit && edits < wanted.length)
    .sort((a, b) => a.edits - b.edits)
    .map(({ name }) => name);
}

/**
 * `did you mean NAME?`, or undefined if no name is similar.
 * @param prefix is put before the name: the dashes of an option
 */
export function suggestNearest(word: string, known: readonly string[], prefix = ''): string | undefined {
  const nearest = findNearest(word, known);
  return nearest === undefined ? undefined : `did you mean ${prefix}${nearest}?`;
}

/** How many letters may differ: more in a long word. */
function countTypos(wanted: string): number {
  return wanted.length < 4 ? 1 : Math.max(2, Math.floor(wanted.length / 3));
}
