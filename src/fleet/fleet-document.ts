import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from 'yaml';
import type { z } from 'zod';
import { formatIssue, type Issue, type Place } from '../formats/issues.ts';
import { suggestNearest } from '../formats/nearest.ts';
import { toKebab } from '../options/option.ts';
import { findOption } from '../options/options.ts';
import { type FleetFile, fleetSchema } from './fleet-schema.ts';

/** Keys and list positions from the top of the document: `['images', 2, 'apn']`. */
export type FleetPath = readonly (string | number)[];

/** A fleet file as it was read. */
export interface FleetDocument {
  /** Undefined where `issues` are of the syntax or the shape. */
  readonly file: FleetFile | undefined;
  readonly issues: readonly Issue[];
  /** Where a value is; for one that is absent, where the nearest thing around it is. */
  locate(path: FleetPath): Place;
}

/**
 * Reads a fleet file, YAML 1.2 or JSON. All issues of its syntax come at once, or else all of its shape. None has a value
 * of the file, which may be a secret.
 * @param name the file's, for the places of issues
 */
export function parseFleetDocument(text: string, name: string): FleetDocument {
  const lines = new LineCounter();
  // Pretty errors quote the line, and with it what may be a password.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const position = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file: name, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const locate = (path: FleetPath) => position(findOffset(document, path));
  const broken = [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
    place: position(pos[0]),
    message: code === 'TAG_RESOLVE_FAILED' ? 'has a tag (!…) that means nothing here' : message,
  }));
  if (broken.length > 0) return { file: undefined, issues: broken, locate };
  const parsed = fleetSchema.safeParse(toPlain(document));
  if (parsed.success) return { file: parsed.data, issues: [], locate };
  return {
    file: undefined,
    issues: parsed.error.issues.flatMap((issue) => describeIssue(issue, locate)),
    locate,
  };
}

/** The issues in the file's order, each once: what two images take from the defaults is wrong once. */
export function sortFleetIssues(issues: readonly Issue[]): Issue[] {
  const position = ({ place }: Issue) => (place === undefined ? 0 : place.line * 100_000 + place.column);
  const sorted = issues.toSorted((a, b) => position(a) - position(b));
  return [...new Map(sorted.map((issue) => [formatIssue(issue), issue])).values()];
}

function toPlain(document: Document): unknown {
  try {
    return document.toJS();
  } catch {
    // Aliases that would unfold into a huge document.
    return undefined;
  }
}

function describeIssue(issue: z.core.$ZodIssue, locate: FleetDocument['locate']): Issue[] {
  const path = issue.path.filter((step) => typeof step !== 'symbol');
  if (issue.code === 'unrecognized_keys') {
    const whose = path.length === 0 ? 'a fleet file' : 'an image';
    return issue.keys.map((key) => ({
      option: key,
      message: `is not an option of ${whose}`,
      hint: suggestKey(key, path.length === 0),
      place: locate([...path, key]),
    }));
  }
  // A value that fits no branch of a list-or-one says so in the branches.
  const option = path.filter((step) => typeof step === 'string').at(-1);
  if (option === undefined) return [{ message: `the file ${issue.message}`, place: locate(path) }];
  return [{ option, message: issue.message, place: locate(path) }];
}

/** The usual slips: camel case or underscores for hyphens, a letter, and the options that belong to the command. */
function suggestKey(key: string, isTop: boolean): string | undefined {
  const kebab = toKebab(key).replaceAll('_', '-');
  const shape = isTop ? fleetSchema.shape : fleetSchema.shape.images.element.shape;
  if (!isTop && !(kebab in shape) && findOption('fleet', kebab) !== undefined) {
    return `give --${kebab} to wwanpi fleet`;
  }
  return suggestNearest(kebab, Object.keys(shape));
}

/** The offset of the value at `path`, or of its key where it has one, or of what is around it. */
function findOffset(document: Document, path: FleetPath): number {
  let node: unknown = document.contents;
  let offset = getStart(node) ?? 0;
  for (const step of path) {
    const [found, at] = stepInto(document, node, step);
    if (at !== undefined) offset = at;
    if (found === undefined) break;
    node = found;
  }
  return offset;
}

function stepInto(document: Document, from: unknown, step: string | number): [unknown, number | undefined] {
  const node = isAlias(from) ? from.resolve(document) : from;
  if (isSeq(node)) {
    const item = node.items[Number(step)];
    return [item, getStart(item)];
  }
  if (!isMap(node)) return [undefined, undefined];
  const pair = node.items.find((item) => isPair(item) && getKey(item.key) === step);
  return pair === undefined ? [undefined, undefined] : [pair.value ?? undefined, getStart(pair.key)];
}

function getKey(key: unknown): unknown {
  return isScalar(key) ? key.value : key;
}

function getStart(node: unknown): number | undefined {
  return (node as Node | undefined)?.range?.[0];
}
