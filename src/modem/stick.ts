import type { Behaviour } from './behaviour.ts';
import { type Clock, createTimers } from './clock.ts';
import { type Core, createCore } from './core.ts';
import type { DeviceModel } from './device-models.ts';
import type { EventLog } from './events.ts';
import { runFaults } from './faults.ts';
import type { UsbDevice } from './usb/device.ts';
import { createFactoryDevice } from './usb/factory-device.ts';
import { createModemDevice } from './usb/modem-device.ts';

/** The USB port of the machine: one device at a time. */
export interface UsbSocket {
  plug(device: UsbDevice): void;
  unplug(): void;
}

/** The modem as a person handles it. */
export interface Stick {
  readonly core: Core;
  /** Switches the machine on; only the first call counts. */
  powerOn(): void;
  plug(): void;
  unplug(): void;
  /** Ends every timer. */
  close(): void;
}

/** From leaving the bus to coming back, when the modem restarts itself. */
const RESTART_MS = 8000;
/** Between the answer to a command and leaving the bus. */
const SWITCH_DELAY_MS = 100;

/** A modem beside a machine that is off. From `powerOn` on it follows the behaviour. */
export function createStick(
  behaviour: Behaviour,
  socket: UsbSocket,
  clock: Clock,
  log: EventLog,
  model: DeviceModel,
): Stick {
  const timers = createTimers(clock);
  const switching = createTimers(clock);
  const core = createCore(behaviour, clock, log, model);
  let powerOnAt: number | undefined;

  function insert(device: UsbDevice) {
    const { vendorId, productId } = device.layout;
    const id = [vendorId, productId].map((each) => each.toString(16).padStart(4, '0')).join(':');
    log.record({ type: 'usb', what: 'plug', id });
    socket.plug(device);
  }

  function switchMode() {
    log.record({ type: 'usb', what: 'mode-switch' });
    switching.after(SWITCH_DELAY_MS, () => socket.unplug());
    switching.after(SWITCH_DELAY_MS + behaviour.modeSwitchMs, () =>
      insert(createModemDevice(model.usb, core, log)),
    );
  }

  core.onRestart = () => {
    timers.after(SWITCH_DELAY_MS, () => stick.unplug());
    timers.after(SWITCH_DELAY_MS + RESTART_MS, () => stick.plug());
  };

  const stick: Stick = {
    core,
    powerOn() {
      if (powerOnAt !== undefined) return;
      powerOnAt = clock.now();
      log.record({ type: 'power-on' });
      if (behaviour.absent) return;
      if (behaviour.plugInAfterMs === 0) stick.plug();
      else timers.after(behaviour.plugInAfterMs, () => stick.plug());
    },
    plug() {
      if (core.powered) return;
      core.powerUp(powerOnAt ?? clock.now());
      const factory = behaviour.factoryMode && model.hasFactoryMode;
      insert(factory ? createFactoryDevice(log, switchMode) : createModemDevice(model.usb, core, log));
    },
    unplug() {
      if (!core.powered) return;
      switching.cancelAll();
      log.record({ type: 'usb', what: 'unplug' });
      socket.unplug();
      core.powerDown();
    },
    close() {
      timers.cancelAll();
      switching.cancelAll();
      stopFaults();
      core.powerDown();
    },
  };

  const stopFaults = runFaults(behaviour.faults, log, clock, {
    usb: (broken) => (broken ? stick.unplug() : stick.plug()),
    network: (broken) => core.radio.setCell(!broken),
    data: (broken) => core.dropTraffic(broken),
    dhcp: (broken) => core.pauseDhcp(broken),
    call: () => core.calls.endAll(),
    clients() {
      core.control.powerDown();
      core.calls.endAll();
    },
    hang: () => core.hang(),
    'clients-exhausted': () => core.exhaustClients(),
    qmi: (broken) => {
      core.control.unresponsive = broken;
    },
    at: (broken) => {
      core.modem.unresponsive = broken;
      core.pcui.unresponsive = broken;
    },
  });
  return stick;
}
