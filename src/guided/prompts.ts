import type { Key } from 'node:readline';
import {
  AutocompletePrompt,
  isCancel,
  PasswordPrompt,
  type Prompt,
  SelectPrompt,
  TextPrompt,
  updateSettings,
} from '@clack/core';
import { InterruptedError } from '../core/errors.ts';
import type { Paint } from '../formats/colour.ts';
import { BACK } from './dialogue.ts';
import { type OptionView, type QuestionView, renderQuestion } from './render-question.ts';

// Ctrl-D ends the dialogue, too; otherwise readline alone would close, and the program would wait for nothing.
updateSettings({ aliases: { '\u0004': 'cancel' } });

/** The terminal that asks. */
export interface AskingTerminal {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly paint: Paint;
  /** Aborted by SIGINT, SIGTERM and SIGHUP. */
  readonly signal: AbortSignal;
}

/** The parts of a question's view that stay the same while it is answered. */
export type Heading = Pick<QuestionView, 'answered' | 'question' | 'plan' | 'warnings' | 'canGoBack'>;

/** An option, and the answer that it stands for. */
export interface Choice<Value> extends OptionView {
  readonly value: Value;
}

type Reply<Value> = Promise<Value | typeof BACK>;

/** Asks for one of a few options, by the arrow keys. */
export function askChoice<Value>(
  terminal: AskingTerminal,
  heading: Heading,
  choices: readonly Choice<Value>[],
  former: Value | undefined,
): Reply<Value> {
  const options = choices.map(({ value: _, ...option }, at) => ({ ...option, value: at }));
  const asked = openAsking(terminal);
  const prompt: SelectPrompt<(typeof options)[number]> = new SelectPrompt({
    ...asked.streams,
    options,
    initialValue: former === undefined ? 0 : choices.findIndex(({ value }) => isSame(value, former)),
    render: () => draw(terminal, prompt, { ...heading, options, cursor: prompt.cursor }),
  });
  return asked.ask(prompt, () => choices[prompt.cursor]?.value as Value);
}

/**
 * Asks for one of many options. What is typed searches them; the first result is the one that Enter takes.
 * @param search the options for what is typed, which may be empty; the best first
 */
export function askSearch<Value>(
  terminal: AskingTerminal,
  heading: Heading,
  search: (typed: string) => readonly Choice<Value>[],
  former: Value | undefined,
): Reply<Value> {
  // New objects for each text: the library keeps the cursor on an option that it knows, however far down it is.
  const find = (typed: string) => ({
    typed,
    options: search(typed).map((value) => ({ value: { ...value } })),
  });
  let found = find('');
  const first = found.options.find(({ value }) => isSame(value.value, former)) ?? found.options[0];
  const asked = openAsking(terminal);
  const prompt: AutocompletePrompt<{ value: Choice<Value> }> = new AutocompletePrompt({
    ...asked.streams,
    initialValue: [first?.value],
    options() {
      if (found.typed !== this.userInput) found = find(this.userInput);
      return found.options;
    },
    validate: (choice) => (choice === undefined ? 'Nothing matches; type less' : undefined),
    render: () =>
      draw(terminal, prompt, {
        ...heading,
        typed: showTyped(prompt.userInput, prompt.userInputWithCursor),
        options: prompt.filteredOptions.map(({ value }) => value),
        cursor: prompt.cursor,
        canSearch: true,
      }),
  });
  return asked.ask(prompt, () => (prompt.value as Choice<Value>).value);
}

/** Asks for a text. @param check what is wrong with it, or undefined */
export function askText(
  terminal: AskingTerminal,
  heading: Heading,
  check: (typed: string) => string | undefined,
  former: string | undefined,
): Reply<string> {
  const asked = openAsking(terminal);
  const prompt: TextPrompt = new TextPrompt({
    ...asked.streams,
    ...(former === undefined ? {} : { initialUserInput: former }),
    validate: (typed = '') => check(typed.trim()),
    render: () =>
      draw(terminal, prompt, { ...heading, typed: showTyped(prompt.userInput, prompt.userInputWithCursor) }),
  });
  return asked.ask(prompt, () => (prompt.value ?? '').trim());
}

/** Asks for a text that is not shown: a dot stands for each of its characters. */
export function askSecret(
  terminal: AskingTerminal,
  heading: Heading,
  check: (typed: string) => string | undefined,
): Reply<string> {
  const asked = openAsking(terminal);
  const prompt: PasswordPrompt = new PasswordPrompt({
    ...asked.streams,
    validate: (typed = '') => check(typed),
    render: () => {
      // Nobody can correct what nobody sees.
      if (prompt.state === 'error') prompt.clear();
      return draw(terminal, prompt, {
        ...heading,
        typed: showTyped(prompt.masked, prompt.userInputWithCursor),
      });
    },
  });
  return asked.ask(prompt, () => prompt.value ?? '');
}

/** The typed text with its cursor. Without text, the library's cursor is an invisible letter. */
function showTyped(typed: string, withCursor: string): string {
  return typed === '' ? '█' : withCursor;
}

/** An answered question leaves nothing behind: the next one shows the answer. */
function draw(
  { output, paint }: AskingTerminal,
  prompt: Pick<Prompt<unknown>, 'state' | 'error'>,
  view: QuestionView,
): string {
  if (prompt.state === 'submit' || prompt.state === 'cancel') return '';
  const error = prompt.state === 'error' ? prompt.error : undefined;
  const { columns = 80, rows = 24 } = output;
  return renderQuestion({ ...view, error }, { columns, rows, paint });
}

/**
 * One question: the streams of its prompt, and a function that runs it. The library ends a prompt in the same way for
 * Escape and for Ctrl-C, so the keys are watched here. A prompt that has ended still listens to its signal, so each gets
 * one of its own.
 */
function openAsking({ input, output, signal }: AskingTerminal) {
  const own = new AbortController();
  return {
    streams: { input, output, signal: own.signal },
    /** @throws InterruptedError on Ctrl-C and Ctrl-D, and when the run is stopped */
    async ask<Value>(prompt: { prompt(): Promise<unknown> }, read: () => Value): Reply<Value> {
      let lastKey: string | undefined;
      const watch = (_: string | undefined, key: Key): void => {
        lastKey = key.name;
      };
      const stop = (): void => own.abort();
      input.on('keypress', watch);
      signal.addEventListener('abort', stop);
      if (signal.aborted) stop();
      try {
        const reply = await prompt.prompt();
        // The library ends with a line break, and here nothing was left above it.
        if (!signal.aborted) output.write('\u001b[A');
        if (!isCancel(reply)) return read();
        if (lastKey === 'escape' && !signal.aborted) return BACK;
        throw new InterruptedError('interrupted; nothing was made');
      } finally {
        input.off('keypress', watch);
        signal.removeEventListener('abort', stop);
      }
    },
  };
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
