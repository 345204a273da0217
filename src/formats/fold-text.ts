/**
 * Text for comparing what people type: lower case letters and digits of any script, without accents, signs and spaces.
 * T-Mobile, "t mobile" and tmobile are the same.
 */
export function foldText(text: string): string {
  return foldWords(text).join('');
}

/** The same, word by word: T-Mobile is "t" and "mobile". */
export function foldWords(text: string): string[] {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}
