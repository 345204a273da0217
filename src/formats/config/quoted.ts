declare const quotedBrand: unique symbol;

/**
 * Text from one of the quoting functions of this folder: it is inert in the syntax that it was quoted for.
 * Overlay placeholders accept nothing else, so a raw user value cannot get into a file by mistake.
 */
export type Quoted = string & { readonly [quotedBrand]: true };

/** Marks text as quoted. Only quoting functions and writers of whole lines call this. */
export function asQuoted(text: string): Quoted {
  return text as Quoted;
}

/** A whole number: digits mean the same in every syntax wwanpi writes. */
export function quoteInteger(value: number): Quoted {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a whole number`);
  return asQuoted(String(value));
}
