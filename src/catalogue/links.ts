/** How the page links to the files of a release. */
export interface FileLinks {
  /** Prefix of each file's name: empty, or a relative folder or URL that ends in `/`. */
  readonly prefix: string;
}

/** The link to a file of the release. It has no quote, so that it can be quoted in a shell command. */
export function linkTo(links: FileLinks, name: string): string {
  return `${links.prefix}${encodeURIComponent(name)}`.replaceAll("'", '%27');
}

/**
 * The link that opens a list in Raspberry Pi Imager 2.0.3 and later, which asks before it switches to the list. Imager
 * accepts lists over HTTP whose name ends in .json or .rpi-imager-manifest (Imager 2.0.11, src/imagewriter.cpp,
 * handleIncomingUrl and isValidRepoUrl).
 * @returns undefined for relative links; the page's script then makes the link when the page is opened
 */
export function linkToImager(links: FileLinks, name: string): string | undefined {
  const url = linkTo(links, name);
  return /^https?:/.test(url) ? `rpi-imager://open?repo=${encodeURIComponent(url)}` : undefined;
}
