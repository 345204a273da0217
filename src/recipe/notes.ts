/** Where the readers of a recipe put what they find. */
export interface Notes {
  fault(text: string): void;
  warn(text: string): void;
}
