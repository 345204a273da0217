import { describeIssue, type Issue } from '../formats/issues.ts';
import { readPassword, readUser, readWifi } from '../recipe/access.ts';
import { readApn } from '../recipe/network.ts';
import type { Diagnostics } from '../recipe/notes.ts';
import { readPin } from '../recipe/supervisor.ts';

/** What is wrong with a typed answer, by the same rules as the option's; undefined if nothing is. */
export const CHECKS = {
  apn: (apn: string) => findFault('The APN', (notes) => readApn({ apn }, notes)),
  user: (user: string) => findFault('The name', (notes) => readUser({ user }, notes)),
  password: (password: string) => findFault('The password', (notes) => readPassword({ password }, notes)),
  ssid: (wifiSsid: string) =>
    findFault('The name', (notes) => readWifi({ wifiSsid, wifiCountry: 'US' }, notes)),
  passphrase: (wifiPsk: string) =>
    wifiPsk === ''
      ? undefined
      : findFault('The passphrase', (notes) =>
          readWifi({ wifiSsid: 'x', wifiPsk, wifiCountry: 'US' }, notes),
        ),
  wifiCountry: (country: string) =>
    findFault('This', (notes) => readWifi({ wifiSsid: 'x', wifiCountry: country }, notes)),
  pin: (pin: string) => findFault('The PIN', (notes) => readPin({ pin }, notes)),
} as const satisfies Readonly<Record<string, (typed: string) => string | undefined>>;

function findFault(subject: string, read: (notes: Diagnostics) => unknown): string | undefined {
  const issues: Issue[] = [];
  read({ issue: (issue) => issues.push(issue), warn: () => undefined });
  const [first] = issues;
  if (first === undefined) return undefined;
  const { message, hint } = describeIssue(first);
  return `${subject} ${message}${hint === undefined ? '' : `; ${hint}`}`;
}
