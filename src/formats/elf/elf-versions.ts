import { getStrings, getView, type NameReader, type Section } from './elf-sections.ts';

/** Symbol versions (Linux Standard Base Core, 10.7). Each function throws RangeError for invalid data. */

/** A version that a library has to provide. */
export interface VersionNeed {
  readonly version: string;
  /** By SONAME. */
  readonly library: string;
}

const SHT_GNU_verdef = 0x6ffffffd;
const SHT_GNU_verneed = 0x6ffffffe;

/** Sizes of Verneed and Vernaux, and of Verdef. A section cannot have more entries than fit side by side. */
const NEED_BYTES = 16;
const DEFINITION_BYTES = 20;

/** .gnu.version_r: version index → required version and its library (10.7.4). */
export function readVersionNeeds(
  sections: readonly Section[],
  readName: NameReader,
): Map<number, VersionNeed> {
  const needs = new Map<number, VersionNeed>();
  const section = sections.find((candidate) => candidate.type === SHT_GNU_verneed);
  if (section === undefined) return needs;
  const strings = getStrings(sections, section);
  const view = getView(section.bytes);
  const count = createCounter(section.bytes.length / NEED_BYTES);
  for (const at of chain(view, 0, 12, count)) {
    const library = readName(strings, view.getUint32(at + 4, true));
    for (const aux of chain(view, at + view.getUint32(at + 8, true), 12, count)) {
      needs.set(view.getUint16(aux + 6, true) & 0x7fff, {
        version: readName(strings, view.getUint32(aux + 8, true)),
        library,
      });
    }
  }
  return needs;
}

/** .gnu.version_d: version index → name; the first is the library's own name, not a version (10.7.3). */
export function readVersionDefinitions(
  sections: readonly Section[],
  readName: NameReader,
): Map<number, string> {
  const defines = new Map<number, string>();
  const section = sections.find((candidate) => candidate.type === SHT_GNU_verdef);
  if (section === undefined) return defines;
  const strings = getStrings(sections, section);
  const view = getView(section.bytes);
  for (const at of chain(view, 0, 16, createCounter(section.bytes.length / DEFINITION_BYTES))) {
    const isBase = (view.getUint16(at + 2, true) & 1) !== 0; // VER_FLG_BASE
    const aux = at + view.getUint32(at + 12, true);
    if (!isBase)
      defines.set(view.getUint16(at + 4, true) & 0x7fff, readName(strings, view.getUint32(aux, true)));
  }
  return defines;
}

/** The offsets of a list. Each entry has the distance to the next one, or 0, at `nextAt`. Always ends. */
function* chain(view: DataView, start: number, nextAt: number, count: () => void): Generator<number> {
  let at = start;
  for (;;) {
    count();
    const distance = view.getUint32(at + nextAt, true);
    yield at;
    if (distance === 0) return;
    at += distance;
  }
}

/** Counts the entries of all lists of a section, because lists that overlap would be read again and again. */
function createCounter(most: number): () => void {
  let seen = 0;
  return () => {
    seen += 1;
    if (seen > most) throw new RangeError('its lists of versions overlap');
  };
}
