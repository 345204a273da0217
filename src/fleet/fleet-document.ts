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
import { pruneFile } from './prune-file.ts';

/** Keys and list positions from the top of the document: `['images', 2, 'apn']`. */
export type FleetPath = readonly (string | number)[];

/** A parsed fleet file. */
export interface FleetDocument {
  /** Without the options that `issues` are about; undefined if nothing can be read. */
  readonly file: FleetFile | undefined;
  /** Issues of the syntax, or of the shape. */
  readonly issues: readonly Issue[];
  /** The images of which `file` lacks options: positions in its list. */
  readonly incomplete: ReadonlySet<number>;
  /** The place of a value; for an absent one, the place of the nearest key around it. */
  locate(path: FleetPath): Place;
}

/** A fleet file lists images; a project file is one image of such a list. */
export type FileKind = 'fleet' | 'project';

/**
 * Parses a fleet file, YAML 1.2 or JSON. Reports all issues of the syntax at once, or else all issues of the shape.
 * No issue contains a value of the file, which may be a secret.
 * @param name the file's name, for the places of issues
 * @param kind a project file is parsed as a fleet of one image
 */
export function parseFleetDocument(text: string, name: string, kind: FileKind = 'fleet'): FleetDocument {
  const lines = new LineCounter();
  // Pretty errors quote the line, which may contain a password.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const position = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file: name, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const locate = (path: FleetPath) =>
    position(findOffset(document, kind === 'fleet' ? path : path.slice(ONLY_IMAGE.length)));
  const broken = [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
    place: position(pos[0]),
    message: code === 'TAG_RESOLVE_FAILED' ? 'has a tag (!…) that means nothing here' : message,
  }));
  if (broken.length > 0) return { file: undefined, issues: broken, incomplete: new Set(), locate };
  const found = toPlain(document);
  const plain = kind === 'fleet' ? found : { images: [found ?? {}] };
  const parsed = fleetSchema.safeParse(plain);
  if (parsed.success) return { file: parsed.data, issues: [], incomplete: new Set(), locate };
  const pruned = pruneFile(plain, parsed.error.issues);
  return {
    file: fleetSchema.safeParse(pruned?.plain).data,
    issues: parsed.error.issues.flatMap((issue) => describeIssue(issue, kind, locate)),
    incomplete: pruned?.images ?? new Set(),
    locate,
  };
}

/** The issues in the file's order, without duplicates: an issue of the defaults would otherwise appear for every image. */
export function sortFleetIssues(issues: readonly Issue[]): Issue[] {
  const position = ({ place }: Issue) => (place === undefined ? 0 : place.line * 100_000 + place.column);
  const sorted = issues.toSorted((a, b) => position(a) - position(b));
  return [...new Map(sorted.map((issue) => [formatIssue(issue), issue])).values()];
}

function toPlain(document: Document): unknown {
  try {
    return document.toJS();
  } catch {
    // Aliases that would expand to a huge document.
    return undefined;
  }
}

/** The path of a project file's options in the fleet that it is parsed as. */
const ONLY_IMAGE: FleetPath = ['images', 0];

function describeIssue(issue: z.core.$ZodIssue, kind: FileKind, locate: FleetDocument['locate']): Issue[] {
  const path = issue.path.filter((step) => typeof step !== 'symbol');
  if (issue.code === 'unrecognized_keys') {
    const whose = kind === 'project' ? 'a project file' : path.length === 0 ? 'a fleet file' : 'an image';
    return issue.keys.map((key) => ({
      option: key,
      message: `is not an option of ${whose}`,
      hint: kind === 'project' ? suggestForProject(key) : suggestKey(key, path.length === 0),
      place: locate([...path, key]),
    }));
  }
  // If a value fits no branch of a list-or-one union, the messages are in the branches.
  const option = path.filter((step) => typeof step === 'string').at(-1);
  if (option === undefined) return [{ message: `the file ${issue.message}`, place: locate(path) }];
  return [{ option, message: issue.message, place: locate(path) }];
}

/** Suggests a key for common mistakes: camel case or underscores for hyphens, a typo, an option of the command line. */
function suggestKey(key: string, isTop: boolean): string | undefined {
  const kebab = toKebab(key).replaceAll('_', '-');
  const shape = isTop ? fleetSchema.shape : fleetSchema.shape.images.element.shape;
  if (!isTop && !(kebab in shape) && findOption('fleet', kebab) !== undefined) {
    return `give --${kebab} to wwanpi fleet`;
  }
  return suggestNearest(kebab, Object.keys(shape));
}

/** A project file has no lists of images; options of the run belong to the command line. */
function suggestForProject(key: string): string | undefined {
  if (key in fleetSchema.shape) return 'wwanpi fleet FILE builds a list of images';
  const kebab = toKebab(key).replaceAll('_', '-');
  const { shape } = fleetSchema.shape.images.element;
  if (!(kebab in shape) && findOption('build', kebab) !== undefined) return `give --${kebab} to wwanpi build`;
  return suggestNearest(kebab, Object.keys(shape));
}

/** The offset of the key of `path`, or of its value, or of the nearest value around it. */
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
