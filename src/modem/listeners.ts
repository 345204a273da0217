/** Those who are told of something: SIM, radio, calls and events each have some. */
export interface Listeners<News extends readonly unknown[]> {
  /** Tells everybody who listened when it began. */
  tell(...news: News): void;
  /** The returned function ends it. */
  subscribe(listener: (...news: News) => void): () => void;
}

/** Nobody listens yet. */
export function createListeners<News extends readonly unknown[]>(): Listeners<News> {
  const listeners = new Set<(...news: News) => void>();
  return {
    tell(...news) {
      for (const listener of [...listeners]) listener(...news);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
