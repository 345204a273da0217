/** A failure in a sentence for the visitor: what happened, and why. The page adds what to do. */
export class PageError extends Error {}
