/** HTML text that is safe to stand in a page: made by `html` and `trustHtml` alone. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a template can hold. Strings and numbers are escaped; nothing, and `false`, are left out. */
export type HtmlValue = Html | string | number | false | undefined | readonly HtmlValue[];

/**
 * HTML by template: what stands in the template is trusted, every value in it is escaped, for text and for double-quoted
 * attributes alike.
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(strings.map((text, at) => (at === 0 ? text : toText(values[at - 1]) + text)).join(''));
}

/** Text of our own that is to stand as it is, such as the page's style sheet. Never for anything read. */
export function trustHtml(text: string): Html {
  return new Html(text);
}

/**
 * Text as it can stand in an element and in a quoted attribute (HTML Living Standard, 13.1.2.3 and 13.1.4). Control
 * characters, which HTML forbids, and those that change the direction of what follows become U+FFFD.
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
