/** Where the files of a release lie as seen from the page. */
export interface FileLinks {
  /** What comes before each file's name: empty, a relative folder ending in `/`, or an address ending in `/`. */
  readonly prefix: string;
}

/** The address of one of the release's files, as it stands in the page; it has no quote, so that a shell's can hold it. */
export function linkTo(links: FileLinks, name: string): string {
  return `${links.prefix}${encodeURIComponent(name)}`.replaceAll("'", '%27');
}

/**
 * The address that opens a list in Raspberry Pi Imager, 2.0.3 and later, which asks before it switches to the list. It
 * takes lists over HTTP whose name ends in .json or .rpi-imager-manifest (Imager 2.0.11, src/imagewriter.cpp,
 * handleIncomingUrl and isValidRepoUrl).
 * @returns undefined where the page does not say where it will lie: then it works it out when it is opened
 */
export function linkToImager(links: FileLinks, name: string): string | undefined {
  const url = linkTo(links, name);
  return /^https?:/.test(url) ? `rpi-imager://open?repo=${encodeURIComponent(url)}` : undefined;
}
