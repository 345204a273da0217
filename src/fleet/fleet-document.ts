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
import { type FleetFile, fleetSchema } from './fleet-schema.ts';

/** Something wrong in a fleet file, and where. Line and column count from 1. */
export interface FleetFault {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Keys and list positions from the top of the document: `['images', 2, 'apn']`. */
export type FleetPath = readonly (string | number)[];

/** A fleet file as it was read. */
export interface FleetDocument {
  /** Undefined where `faults` are of the syntax or the shape. */
  readonly file: FleetFile | undefined;
  readonly faults: readonly FleetFault[];
  /** Where a value stands; for one that is absent, where the nearest thing around it does. */
  locate(path: FleetPath): { readonly line: number; readonly column: number };
}

/**
 * Reads a fleet file, YAML 1.2 or JSON. All faults of its syntax come at once, or else all of its shape. No message
 * has a value of the file, which may be a secret.
 */
export function parseFleetDocument(text: string): FleetDocument {
  const lines = new LineCounter();
  // Pretty errors quote the line, and with it what may be a password.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const position = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const locate = (path: FleetPath) => position(findOffset(document, path));
  const broken = [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
    ...position(pos[0]),
    message: code === 'TAG_RESOLVE_FAILED' ? 'has a tag (!…) that means nothing here' : message,
  }));
  if (broken.length > 0) return { file: undefined, faults: broken, locate };
  const parsed = fleetSchema.safeParse(toPlain(document));
  if (parsed.success) return { file: parsed.data, faults: [], locate };
  return {
    file: undefined,
    faults: parsed.error.issues.flatMap((issue) => describeIssue(issue, locate)),
    locate,
  };
}

/** The faults as `FILE:LINE:COLUMN: message`, in the file's order, each once. */
export function listFleetFaults(fileName: string, faults: readonly FleetFault[]): string[] {
  const sorted = faults.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const lines = sorted.map(({ line, column, message }) => `${fileName}:${line}:${column}: ${message}`);
  return [...new Set(lines)];
}

function toPlain(document: Document): unknown {
  try {
    return document.toJS();
  } catch {
    // Aliases that would unfold into a huge document.
    return undefined;
  }
}

function describeIssue(issue: z.core.$ZodIssue, locate: FleetDocument['locate']): FleetFault[] {
  const path = issue.path.filter((step) => typeof step !== 'symbol');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      ...locate([...path, key]),
      message: `${showKey(key)} is no option of ${path.length === 0 ? 'a fleet file' : 'an image'}${suggest(key)}`,
    }));
  }
  // A value that fits no branch of a list-or-one says so in the branches.
  const what = path.filter((step) => typeof step === 'string').at(-1) ?? 'the file';
  return [{ ...locate(path), message: `${what} ${issue.message}` }];
}

/** A key as a message can show it: it is the user's text. */
function showKey(key: string): string {
  return `"${key.replaceAll(/[^\x20-\x7e]/gu, '?').slice(0, 60)}"`;
}

/** The usual slips: camel case or underscores for hyphens, and the options that belong to the command. */
function suggest(key: string): string {
  const kebab = key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replaceAll('_', '-');
  const known = Object.keys(fleetSchema.shape.images.element.shape);
  if (known.includes(kebab)) return `; it is ${kebab}`;
  if (kebab === 'output' || kebab === 'cache-dir') return `; give --${kebab} to wwanpi fleet`;
  return '';
}

/** The offset of the value at `path`, or of its key where it has one, or of what is around it. */
function findOffset(document: Document, path: FleetPath): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
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
    return [item, startOf(item)];
  }
  if (!isMap(node)) return [undefined, undefined];
  const pair = node.items.find((item) => isPair(item) && keyOf(item.key) === step);
  return pair === undefined ? [undefined, undefined] : [pair.value ?? undefined, startOf(pair.key)];
}

function keyOf(key: unknown): unknown {
  return isScalar(key) ? key.value : key;
}

function startOf(node: unknown): number | undefined {
  return (node as Node | undefined)?.range?.[0];
}
