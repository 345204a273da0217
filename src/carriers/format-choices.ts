import type { Carrier } from './carrier.ts';

const MAX_CHOICES = 20;

/** A list of APNs for a message: the id of each, and what tells it from the others. */
export function formatChoices(choices: readonly Carrier[]): string {
  const shown = choices.slice(0, MAX_CHOICES);
  const width = Math.max(...shown.map(({ id }) => id.length));
  const lines = shown.map(({ id, provider, plan, planTypes, apn }) => {
    const what = [plan ?? provider, ...planTypes, `APN ${apn}`].join(', ');
    return `    ${id.padEnd(width)}  ${what}`;
  });
  const more = choices.length - lines.length;
  return [...lines, ...(more > 0 ? [`    … and ${more} more`] : [])].join('\n');
}
