/**
 * An element of the page, which the page always has.
 * @throws Error when it has not: a fault of ours
 */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element as T;
}

/** The elements of the page, or of a part of it, that match a selector. */
export function all<T extends HTMLElement = HTMLElement>(
  selector: string,
  within: ParentNode = document,
): T[] {
  return [...within.querySelectorAll<T>(selector)];
}

/** The text of the first element that matches; empty if there is none. */
export function textOf(within: ParentNode, selector: string): string {
  return within.querySelector(selector)?.textContent ?? '';
}

/** A fault below its field, in the line `ID-fault`; undefined takes it away. */
export function showFault(field: HTMLElement, fault: string | undefined): void {
  const line = byId(`${field.id}-fault`);
  const text = fault ?? '';
  // A line that is written again is read aloud again.
  if (line.textContent !== text) line.textContent = text;
  if (fault === undefined) field.removeAttribute('aria-invalid');
  else field.setAttribute('aria-invalid', 'true');
}

/** Whether the page came from a server, and not from a disk. */
export function isServed(): boolean {
  return location.protocol === 'http:' || location.protocol === 'https:';
}
