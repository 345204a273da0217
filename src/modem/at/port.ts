import type { Behaviour } from '../behaviour.ts';
import type { Calls } from '../calls.ts';
import { type Clock, createTimers } from '../clock.ts';
import type { EventLog } from '../events.ts';
import type { Identity } from '../identity.ts';
import type { Radio } from '../radio.ts';
import type { Sim } from '../sim.ts';
import type { AnswerBook } from './answer-book.ts';
import { runAtCommand } from './commands.ts';
import { type AtAnswer, type AtDeviceState, type AtDialect, CME, freshPortState } from './context.ts';
import { createLineEditor } from './line-editor.ts';
import { parseAtLine, redactAtLine } from './parse.ts';
import { registrationNumber } from './radio-commands.ts';

/** One serial port that takes AT commands. */
export interface AtPort {
  input(bytes: Buffer): void;
  /** The host opened or closed the port; a closed port sends no unsolicited lines. */
  setOpen(open: boolean): void;
  /** A fault: accepts everything and answers nothing. */
  unresponsive: boolean;
  /** The modem lost power: timers end, the port's settings are reset. */
  powerDown(): void;
}

/** The parts of a port; all ports share the modem behind them. */
export interface AtPortOptions {
  readonly name: 'modem' | 'pcui';
  readonly behaviour: Behaviour;
  readonly identity: Identity;
  readonly dialect: AtDialect;
  readonly sim: Sim;
  readonly radio: Radio;
  readonly calls: Calls;
  readonly clock: Clock;
  readonly log: EventLog;
  /** Answers of the behaviour, which take precedence over the modem's own. */
  readonly answers: AnswerBook;
  readonly device: AtDeviceState;
  readonly restart: () => void;
  readonly write: (bytes: Buffer) => void;
}

/** Between an answer and the line that follows it. */
const LATER_MS = 20;
/** Lines that wait for the end of a command. */
const MAX_HELD = 100;

/** A closed port with its default settings. */
export function createAtPort(options: AtPortOptions): AtPort {
  const { name, radio, log } = options;
  const timers = createTimers(options.clock);
  const state = freshPortState();
  let open = false;
  let held: string[] = [];

  const write = (text: string) => options.write(Buffer.from(text, 'latin1'));
  const say = (line: string) => write(`\r\n${line}\r\n`);

  function unasked(line: string) {
    if (!open || at.unresponsive || !options.device.unsolicited) return;
    if (editor.typing && !options.behaviour.tearsEcho) {
      if (held.length < MAX_HELD) held.push(line);
      return;
    }
    log.record({ type: 'at-unsolicited', port: name, line });
    say(line);
  }

  function chatter() {
    if (options.device.unsolicitedPort === name) {
      for (const each of options.dialect.unasked(radio, options.behaviour)) unasked(each);
    }
    schedule();
  }

  function schedule() {
    const every = options.behaviour.unsolicitedEveryMs;
    if (every > 0) timers.after(every, chatter);
  }

  radio.subscribe(() => {
    for (const [command, mode] of Object.entries(state.registrationMode)) {
      if (mode > 0) unasked(`${command}: ${registrationNumber(radio)}`);
    }
  });

  function line(text: string) {
    if (at.unresponsive) return;
    const canned = options.answers.take(text);
    if (canned !== undefined) {
      log.record({ type: 'at', port: name, command: redactAtLine(text), answer: canned.at(-1) ?? '' });
      for (const each of canned) say(each);
      return;
    }
    const commands = parseAtLine(text);
    // A modem does not answer a line that does not begin with AT.
    if (commands === undefined && !/^at/i.test(text)) return;
    let answer: AtAnswer = commands === undefined ? { error: 'plain' } : { lines: [] };
    for (const command of commands ?? []) {
      answer = runAtCommand(options.dialect, command, {
        ...options,
        port: state,
        later: (late) => timers.after(LATER_MS, () => sayOutcome(late)),
      });
      if ('error' in answer) break;
      if (answer.lines.length > 0) say(answer.lines.join('\r\n'));
    }
    const result = getResult(answer, state.errorMode);
    log.record({ type: 'at', port: name, command: redactAtLine(text), answer: result });
    if (state.quiet) return;
    if (state.verbose) say(result);
    else write(result === 'OK' ? '0\r' : result === 'ERROR' ? '4\r' : `${result}\r`);
  }

  /** Sends the outcome of a command, even with AT^CURC=0. */
  function sayOutcome(text: string) {
    if (!open || at.unresponsive) return;
    log.record({ type: 'at-unsolicited', port: name, line: text });
    say(text);
  }

  const editor = createLineEditor({
    echo: () => state.echo && !at.unresponsive,
    write,
    onLine(text) {
      line(text);
      const waiting = held;
      held = [];
      for (const each of waiting) unasked(each);
    },
  });
  const at: AtPort = {
    unresponsive: false,
    input: (bytes) => editor.push(bytes),
    setOpen(now) {
      if (now === open) return;
      open = now;
      timers.cancelAll();
      if (open) schedule();
    },
    powerDown() {
      open = false;
      held = [];
      timers.cancelAll();
      Object.assign(state, freshPortState());
    },
  };
  return at;
}

function getResult(answer: AtAnswer, errorMode: number): string {
  if (!('error' in answer)) return 'OK';
  if (answer.error === 'plain' || errorMode === 0) return 'ERROR';
  return `+CME ERROR: ${errorMode === 2 ? (CME[answer.error] ?? 'unknown') : answer.error}`;
}
