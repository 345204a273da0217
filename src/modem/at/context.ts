import type { Behaviour } from '../behaviour.ts';
import type { Calls } from '../calls.ts';
import type { Identity } from '../identity.ts';
import type { Radio } from '../radio.ts';
import type { Sim } from '../sim.ts';
import type { AtCommand } from './parse.ts';

/** The state that the commands of one port read and change. */
export interface AtContext {
  readonly behaviour: Behaviour;
  readonly identity: Identity;
  readonly sim: Sim;
  readonly radio: Radio;
  readonly calls: Calls;
  readonly port: AtPortState;
  readonly device: AtDeviceState;
  /** The modem leaves the bus and comes back. */
  restart(): void;
  /** Sends an unsolicited line, a moment after the answer. */
  later(line: string): void;
}

/** The settings of a port; ATZ resets them. */
export interface AtPortState {
  echo: boolean;
  verbose: boolean;
  quiet: boolean;
  /** +CMEE: 0 plain ERROR, 1 numbers, 2 words. */
  errorMode: number;
  /** +CREG, +CGREG and +CEREG: 0 quiet, 1 changes are reported, 2 with location. */
  registrationMode: Record<string, number>;
}

/** What the modem remembers for all its ports, until it loses power. */
export interface AtDeviceState {
  /** AT^CURC: unsolicited lines are sent. ModemManager's Huawei plugin turns them off on one port for all. */
  unsolicited: boolean;
  /** AT^PORTSEL: the one port that they come on. */
  unsolicitedPort: 'modem' | 'pcui';
}

/** The state after power-on. */
export function freshDeviceState(): AtDeviceState {
  return { unsolicited: true, unsolicitedPort: 'modem' };
}

/** Lines that come before OK, or a failure: plain, or with a +CME number (TS 27.007 §9.2). */
export type AtAnswer = { readonly lines: readonly string[] } | { readonly error: number | 'plain' };

/** Runs one command; undefined if the command does not exist in this form. */
export type AtHandler = (command: AtCommand, context: AtContext) => AtAnswer | undefined;

/** +CME ERROR numbers in use, with their words. */
export const CME: Readonly<Record<number, string>> = {
  3: 'operation not allowed',
  4: 'operation not supported',
  10: 'SIM not inserted',
  11: 'SIM PIN required',
  12: 'SIM PUK required',
  13: 'SIM failure',
  16: 'incorrect password',
  30: 'no network service',
  50: 'incorrect parameters',
};

/** The commands of one make of modem, and the lines that it says unasked, some each time. */
export interface AtDialect {
  readonly commands: AtTable;
  unasked(radio: Radio, behaviour: Behaviour): readonly string[];
}

/** Commands by name, as parseAtLine gives it. */
export type AtTable = Readonly<Record<string, AtHandler>>;

/** The settings after power-on and ATZ. */
export function freshPortState(): AtPortState {
  return {
    echo: true,
    verbose: true,
    quiet: false,
    errorMode: 0,
    registrationMode: { '+CREG': 0, '+CGREG': 0, '+CEREG': 0 },
  };
}

/** Lines and OK. */
export function said(...lines: string[]): AtAnswer {
  return { lines };
}

/** Just OK. */
export const OK: AtAnswer = { lines: [] };

/** The error of a command that needs a SIM while the SIM is not ready. */
export function simError(sim: Sim): AtAnswer {
  const { state } = sim;
  return { error: state === 'absent' ? 10 : state === 'required' ? 11 : state === 'blocked' ? 12 : 13 };
}

/** A setting that can only be read. */
export function readOnly(line: string): AtHandler {
  return (command) => (command.kind === 'read' ? said(line) : undefined);
}
