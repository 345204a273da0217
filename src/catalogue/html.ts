/** HTML text that is safe in a page; only `html` and `trustHtml` make it. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A value in a template. Strings and numbers are escaped; `undefined` and `false` are left out. */
export type HtmlValue = Html | string | number | false | undefined | readonly HtmlValue[];

/**
 * HTML by template. The template's own text is trusted; every value is escaped, for text and for double-quoted
 * attributes.
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(strings.map((text, at) => (at === 0 ? text : toText(values[at - 1]) + text)).join(''));
}

/** Marks our own text, such as the page's style sheet, as HTML. Never use it for text that was read. */
export function trustHtml(text: string): Html {
  return new Html(text);
}

/**
 * Escapes text for an element and for a quoted attribute (HTML Living Standard, 13.1.2.3 and 13.1.4). Control
 * characters, which HTML forbids, and characters that change the text direction become U+FFFD.
 */
export function escapeHtml(text: string): string {
  return text
    .replaceAll(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function toText(value: HtmlValue): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  return value.map(toText).join('');
}
