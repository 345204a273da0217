import { createAnswerBook } from './at/answer-book.ts';
import { freshDeviceState } from './at/context.ts';
import { type AtPort, createAtPort } from './at/port.ts';
import type { Behaviour } from './behaviour.ts';
import { type Calls, createCalls } from './calls.ts';
import type { Clock } from './clock.ts';
import { createDiagPort, type DiagPort } from './diag.ts';
import type { EventLog } from './events.ts';
import { createNetwork } from './network/network.ts';
import { createDms } from './qmi/dms.ts';
import { createQmiModem, type QmiModem } from './qmi/modem.ts';
import { createNas } from './qmi/nas.ts';
import { SERVICE } from './qmi/qmux.ts';
import { ok, type QmiService } from './qmi/service.ts';
import { createWds } from './qmi/wds.ts';
import { createWms } from './qmi/wms.ts';
import { createRadio, type Radio } from './radio.ts';
import { createSim, type Sim } from './sim.ts';
import { count, createTraffic } from './traffic.ts';

/** Where the modem's output goes: USB endpoints, or the sockets behind a pty. */
export interface Outputs {
  modem: (bytes: Buffer) => void;
  pcui: (bytes: Buffer) => void;
  diag: (bytes: Buffer) => void;
  qmi: (frame: Buffer) => void;
  network: (frame: Buffer) => void;
}

/** The modem without its USB side: ports, SIM, radio, and the network behind it. */
export interface Core {
  readonly modem: AtPort;
  readonly pcui: AtPort;
  readonly diag: DiagPort;
  readonly qmi: QmiModem;
  readonly sim: Sim;
  readonly radio: Radio;
  readonly calls: Calls;
  readonly powered: boolean;
  /** The current receivers; the next connection replaces them. */
  readonly outputs: Outputs;
  /** The modem restarts itself: it leaves the bus and comes back. Whoever plugs it in sets this. */
  onRestart: () => void;
  /** A frame from the host; it is dropped while no call is up. */
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

/** A modem without power. */
export function createCore(behaviour: Behaviour, clock: Clock, log: EventLog): Core {
  const silent = () => undefined;
  const outputs: Outputs = { modem: silent, pcui: silent, diag: silent, qmi: silent, network: silent };
  const sim = createSim(behaviour, log);
  const radio = createRadio(behaviour, sim, clock, log);
  const calls = createCalls(behaviour, radio, clock, log);
  const answers = createAnswerBook(behaviour.atAnswers);
  const device = freshDeviceState();
  const traffic = createTraffic();
  let powered = false;
  let lost = false;
  let hung = false;

  const atPort = (name: 'modem' | 'pcui') =>
    createAtPort({
      name,
      behaviour,
      sim,
      radio,
      calls,
      clock,
      log,
      answers,
      device,
      restart: () => core.onRestart(),
      write: (bytes) => outputs[name](bytes),
    });
  const modem = atPort('modem');
  const pcui = atPort('pcui');
  const diag = createDiagPort((bytes) => outputs.diag(bytes));

  const qmi = createQmiModem(
    (indicate) => [
      createWds(behaviour, calls, traffic, indicate),
      createDms(sim, radio, () => core.onRestart()),
      createNas(behaviour, radio, indicate),
      emptyService(SERVICE.QOS, 'QOS', [1, 2]),
      createWms(),
      emptyService(SERVICE.PDS, 'PDS', [1, 4]),
    ],
    log,
    (frame) => outputs.qmi(frame),
  );

  const passes = () => calls.up && !lost;
  const network = createNetwork({
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
    qmi.unresponsive = now;
    modem.unresponsive = now;
    pcui.unresponsive = now;
    lost = now;
  }

  const core: Core = {
    modem,
    pcui,
    diag,
    qmi,
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
      const etherType = frame.length < 14 ? '?' : frame.readUInt16BE(12).toString(16).padStart(4, '0');
      log.record({ type: 'drop', why: calls.up ? 'data lost' : 'no call', etherType });
    },
    dropTraffic(now) {
      lost = now;
    },
    pauseDhcp: (silent) => network.pauseDhcp(silent),
    hang: () => setHung(true),
    exhaustClients() {
      qmi.exhausted = true;
      calls.endAll();
    },
    restart() {
      if (!hung && !qmi.exhausted) return;
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
      qmi.powerDown();
      network.reset();
      sim.powerDown();
      radio.powerDown();
    },
  };
  return core;
}

/** A service that the modem lists, and that no test uses. */
function emptyService(number: number, name: string, version: [number, number]): QmiService {
  return { number, name, version, messages: { 0: () => ok() } };
}
