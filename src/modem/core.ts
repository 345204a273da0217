import { createAnswerBook } from './at/answer-book.ts';
import { freshDeviceState } from './at/context.ts';
import { type AtPort, createAtPort } from './at/port.ts';
import type { Behaviour } from './behaviour.ts';
import { type Calls, createCalls } from './calls.ts';
import type { Clock } from './clock.ts';
import type { ControlPort } from './control-port.ts';
import type { DeviceModel } from './device-models.ts';
import { createDiagPort, type DiagPort } from './diag.ts';
import type { EventLog } from './events.ts';
import { createMbimModem } from './mbim/modem.ts';
import type { ModemParts } from './modem-parts.ts';
import { createIpOnlyNetwork, createNetwork, createNtbNetwork } from './network/network.ts';
import { createQmiModem } from './qmi/modem.ts';
import { createQmiServices } from './qmi/services.ts';
import { createRadio, type Radio } from './radio.ts';
import { createSim, type Sim } from './sim.ts';
import { count, createTraffic } from './traffic.ts';

/** Where the modem's output goes: USB endpoints, or the sockets behind a pty. */
export interface Outputs {
  modem: (bytes: Buffer) => void;
  pcui: (bytes: Buffer) => void;
  diag: (bytes: Buffer) => void;
  control: (message: Buffer) => void;
  network: (frame: Buffer) => void;
}

/** The modem without its USB side: ports, SIM, radio, and the network behind it. */
export interface Core {
  readonly modem: AtPort;
  readonly pcui: AtPort;
  readonly diag: DiagPort;
  readonly control: ControlPort;
  readonly sim: Sim;
  readonly radio: Radio;
  readonly calls: Calls;
  readonly powered: boolean;
  /** The current receivers; the next connection replaces them. */
  readonly outputs: Outputs;
  /** The modem restarts itself: it leaves the bus and comes back. Whoever plugs it in sets this. */
  onRestart: () => void;
  /** A transfer from the host's network interface; it is dropped while no call is up. */
  frame(frame: Buffer): void;
  /** A fault: every frame is lost, though calls stay up. */
  dropTraffic(lost: boolean): void;
  /** A fault: the carrier's DHCP server does not answer. */
  pauseDhcp(silent: boolean): void;
  /** A fault: no port answers and no frame passes, until `restart`. */
  hang(): void;
  /** A fault: calls end, and no QMI client id is free, until `restart`. */
  exhaustClients(): void;
  /** The host set configuration 0: a modem with one of these two faults restarts. */
  restart(): void;
  /** Gets power; the time to the first signal counts from `powerOnAt`, in the clock's time. */
  powerUp(powerOnAt: number): void;
  powerDown(): void;
}

const LINKS = { ethernet: createNetwork, 'raw-ip': createIpOnlyNetwork, ntb: createNtbNetwork } as const;

/** A modem without power. */
export function createCore(behaviour: Behaviour, clock: Clock, log: EventLog, model: DeviceModel): Core {
  const silent = () => undefined;
  const outputs: Outputs = { modem: silent, pcui: silent, diag: silent, control: silent, network: silent };
  const sim = createSim(behaviour, log);
  const radio = createRadio(behaviour, sim, clock, log);
  const calls = createCalls(behaviour, radio, clock, log);
  const answers = createAnswerBook(behaviour.atAnswers);
  const device = freshDeviceState();
  const traffic = createTraffic();
  let powered = false;
  let lost = false;
  let hung = false;

  const parts: ModemParts = {
    behaviour,
    identity: model.control.identity,
    sim,
    radio,
    calls,
    traffic,
    restart: () => core.onRestart(),
  };

  const atPort = (name: 'modem' | 'pcui') =>
    createAtPort({
      ...parts,
      ...model.at,
      name,
      clock,
      log,
      answers,
      device,
      write: (bytes) => outputs[name](bytes),
    });
  const modem = atPort('modem');
  const pcui = atPort('pcui');
  const diag = createDiagPort(model.at.identity.model, (bytes) => outputs.diag(bytes));

  const control = createControl(model, parts, log, (message) => outputs.control(message));

  const passes = () => calls.up && !lost;
  const network = LINKS[model.link]({
    behaviour,
    clock,
    log,
    send: (frame) => {
      if (!passes()) return;
      count(traffic.down, frame.length);
      outputs.network(frame);
    },
  });
  calls.subscribe(() => {
    if (calls.up) return;
    network.reset();
    traffic.reset();
  });

  function setHung(now: boolean) {
    hung = now;
    control.unresponsive = now;
    modem.unresponsive = now;
    pcui.unresponsive = now;
    lost = now;
  }

  const core: Core = {
    modem,
    pcui,
    diag,
    control,
    sim,
    radio,
    calls,
    outputs,
    onRestart: () => undefined,
    get powered() {
      return powered;
    },
    frame(frame) {
      if (passes()) {
        count(traffic.up, frame.length);
        return network.input(frame);
      }
      const hasEtherType = model.link === 'ethernet' && frame.length >= 14;
      const etherType = hasEtherType ? frame.readUInt16BE(12).toString(16).padStart(4, '0') : '?';
      log.record({ type: 'drop', why: calls.up ? 'data lost' : 'no call', etherType });
    },
    dropTraffic(now) {
      lost = now;
    },
    pauseDhcp: (silent) => network.pauseDhcp(silent),
    hang: () => setHung(true),
    exhaustClients() {
      control.exhausted = true;
      calls.endAll();
    },
    restart() {
      if (!hung && !control.exhausted) return;
      log.record({ type: 'fault', what: hung ? 'hang' : 'clients-exhausted', state: 'end' });
      setHung(false);
      core.powerDown();
      core.powerUp(clock.now());
    },
    powerUp(powerOnAt) {
      powered = true;
      radio.powerUp(powerOnAt);
    },
    powerDown() {
      powered = false;
      modem.powerDown();
      pcui.powerDown();
      diag.powerDown();
      Object.assign(device, freshDeviceState());
      traffic.reset();
      calls.powerDown();
      control.powerDown();
      network.reset();
      sim.powerDown();
      radio.powerDown();
    },
  };
  return core;
}

function createControl(
  { control }: DeviceModel,
  parts: ModemParts,
  log: EventLog,
  send: (message: Buffer) => void,
): ControlPort {
  return control.protocol === 'mbim'
    ? createMbimModem(parts, log, send)
    : createQmiModem((indicate) => createQmiServices(parts, control.firmware, indicate), log, send);
}
