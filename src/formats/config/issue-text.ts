import { asQuoted, type Quoted } from './quoted.ts';

/** The beginning of wwanpi's own line in an issue(5) file, in overlays/rootfs/usr/lib/wwanpi/issue. */
const OWN_LINE = /^LTE address/m;

/**
 * The text of a base's /etc/issue before wwanpi's line, with agetty's escapes (agetty(8)) as they are: it is the base's
 * own text, and it goes into the same kind of file. Without the empty lines at its end, and without the line of an earlier
 * wwanpi.
 */
export function quoteIssue(text: string): Quoted {
  const own = text.search(OWN_LINE);
  const head = (own === -1 ? text : text.slice(0, own)).trimEnd();
  return asQuoted(head === '' ? '' : `${head}\n`);
}
