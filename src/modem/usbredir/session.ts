import type { Bus, UsbDevice } from '../usb/device.ts';
import { createDecoder, encodeMessage, type Message, ProtocolError } from './codec.ts';
import {
  byteAt,
  decodeBulk,
  decodeControl,
  decodeHello,
  encodeBulk,
  encodeControl,
  encodeDeviceConnect,
  encodeEpInfo,
  encodeHello,
  encodeInterfaceInfo,
  encodeInterrupt,
} from './packets.ts';
import { MESSAGE, OUR_CAPS, STATUS } from './protocol.ts';
import { createTransfers } from './transfers.ts';

/** Callbacks of a session. */
export interface SessionEvents {
  /** The peer has said hello: devices can be plugged in. */
  ready(version: string): void;
  /** An IN queue was full; the data was lost. */
  overflow(endpoint: number): void;
}

/** The end of a usbredir connection that has the device (libusbredir calls it usb-host). */
export interface Session {
  /**
   * Takes bytes from the peer.
   * @throws ProtocolError when they are invalid; drop the connection then.
   */
  receive(chunk: Buffer): void;
  /** Puts a device on the bus, in place of the previous one; before the hello it waits. */
  plug(device: UsbDevice): void;
  /** Takes the device off the bus. */
  unplug(): void;
  /** The connection is gone. */
  close(): void;
}

const VERSION = 'wwanpi emulated usb device';

/** Opens a session that writes through `send`; it sends the hello at once. */
export function createSession(send: (bytes: Buffer) => void, events: SessionEvents): Session {
  const decoder = createDecoder();
  let device: UsbDevice | undefined;
  let connected = false;
  let configuration = 0;
  const altSettings = new Map<number, number>();
  const listening = new Set<number>();

  const common = () => decoder.caps ?? 0;
  const write = (type: number, id: bigint, payload: Buffer) =>
    send(encodeMessage({ type, id, payload }, decoder.caps));

  const transfers = createTransfers((endpoint, { id, stream }, outcome) => {
    const data = typeof outcome === 'object' ? outcome.data : Buffer.alloc(0);
    const status = typeof outcome === 'object' ? STATUS.success : STATUS[outcome];
    write(
      MESSAGE.bulk_packet,
      id,
      encodeBulk({ endpoint, status, length: data.length, stream, data }, common()),
    );
  });

  function forget() {
    configuration = 0;
    altSettings.clear();
    listening.clear();
    transfers.clear();
  }

  function announce() {
    if (device === undefined || decoder.caps === undefined) return;
    forget();
    connected = true;
    write(MESSAGE.ep_info, 0n, encodeEpInfo(device.layout, common(), altSettings));
    write(MESSAGE.interface_info, 0n, encodeInterfaceInfo(device.layout));
    write(MESSAGE.device_connect, 0n, encodeDeviceConnect(device.layout, common()));
    device.attached(busFor(device));
  }

  /** A bus for one device. It ends with the device, so late timers of an old device cannot reach the next one. */
  function busFor(owner: UsbDevice): Bus {
    const live = () => connected && device === owner;
    return {
      send(endpoint, data) {
        if (live() && !transfers.send(endpoint, data)) events.overflow(endpoint);
      },
      interrupt(endpoint, data) {
        if (live() && listening.has(endpoint)) {
          write(MESSAGE.interrupt_packet, 0n, encodeInterrupt(endpoint, data));
        }
      },
      halt: (endpoint) => live() && transfers.halt(endpoint),
      clearHalt: (endpoint) => live() && transfers.clearHalt(endpoint),
      flush: (endpoint) => live() && transfers.flush(endpoint),
    };
  }

  function detach() {
    if (!connected) return;
    connected = false;
    forget();
    device?.detached();
  }

  function unplug() {
    const was = connected;
    detach();
    device = undefined;
    if (was) write(MESSAGE.device_disconnect, 0n, Buffer.alloc(0));
  }

  function handle(message: Message) {
    const { type, id, payload } = message;
    if (type === MESSAGE.hello) {
      if (decoder.caps !== undefined) throw new ProtocolError('a second hello');
      const hello = decodeHello(payload);
      decoder.caps = hello.caps & OUR_CAPS;
      announce();
      return events.ready(hello.version);
    }
    // Requests may still arrive for a device that has just been pulled: they are ignored.
    if (!connected || device === undefined) return;
    switch (type) {
      case MESSAGE.reset:
        forget();
        return device.reset();
      case MESSAGE.set_configuration:
        configuration = byteAt(payload, 0);
        device.setConfiguration(configuration);
        return write(MESSAGE.configuration_status, id, Buffer.from([STATUS.success, configuration]));
      case MESSAGE.get_configuration:
        return write(MESSAGE.configuration_status, id, Buffer.from([STATUS.success, configuration]));
      case MESSAGE.set_alt_setting:
        altSettings.set(byteAt(payload, 0), byteAt(payload, 1));
        device.setInterface(byteAt(payload, 0), byteAt(payload, 1));
        // The guest learns of the endpoints before the setting counts.
        if (device.layout.interfaces.some(({ alternate }) => alternate !== undefined))
          write(MESSAGE.ep_info, 0n, encodeEpInfo(device.layout, common(), altSettings));
        return altSetting(id, byteAt(payload, 0));
      case MESSAGE.get_alt_setting:
        return altSetting(id, byteAt(payload, 0));
      case MESSAGE.start_interrupt_receiving:
        listening.add(byteAt(payload, 0));
        interruptStatus(id, byteAt(payload, 0));
        return device.interruptStarted(byteAt(payload, 0));
      case MESSAGE.stop_interrupt_receiving:
        listening.delete(byteAt(payload, 0));
        return interruptStatus(id, byteAt(payload, 0));
      case MESSAGE.control_packet:
        return control(device, id, payload);
      case MESSAGE.bulk_packet:
        return bulk(device, id, payload);
      case MESSAGE.cancel_data_packet:
        return transfers.cancel(id);
      case MESSAGE.filter_filter:
      case MESSAGE.filter_reject:
      case MESSAGE.device_disconnect_ack:
      case MESSAGE.interrupt_packet:
        return;
      default:
        throw new ProtocolError(`message ${type}, which was never agreed on`);
    }
  }

  function altSetting(id: bigint, number: number) {
    const payload = Buffer.from([STATUS.success, number, altSettings.get(number) ?? 0]);
    write(MESSAGE.alt_setting_status, id, payload);
  }

  function interruptStatus(id: bigint, endpoint: number) {
    write(MESSAGE.interrupt_receiving_status, id, Buffer.from([STATUS.success, endpoint]));
  }

  function control(target: UsbDevice, id: bigint, payload: Buffer) {
    const packet = decodeControl(payload);
    const answer = target.control(packet.setup, packet.data);
    const none = Buffer.alloc(0);
    if (answer === 'stall') {
      return write(MESSAGE.control_packet, id, encodeControl(packet, STATUS.stall, 0, none));
    }
    const data = answer === 'done' ? none : answer.subarray(0, packet.setup.length);
    const length = answer === 'done' ? packet.data.length : data.length;
    write(MESSAGE.control_packet, id, encodeControl(packet, STATUS.success, length, data));
  }

  function bulk(target: UsbDevice, id: bigint, payload: Buffer) {
    const packet = decodeBulk(payload, common());
    if ((packet.endpoint & 0x80) !== 0) return transfers.request(packet.endpoint, { ...packet, id });
    const status = transfers.isHalted(packet.endpoint) ? STATUS.stall : STATUS.success;
    const length = status === STATUS.success ? packet.data.length : 0;
    write(
      MESSAGE.bulk_packet,
      id,
      encodeBulk({ ...packet, status, length, data: Buffer.alloc(0) }, common()),
    );
    // A copy, because the decoder reuses its buffer.
    if (status === STATUS.success) target.bulkOut(packet.endpoint, Buffer.from(packet.data));
  }

  write(MESSAGE.hello, 0n, encodeHello(VERSION, OUR_CAPS));
  return {
    receive: (chunk) => decoder.push(chunk, handle),
    plug(next) {
      unplug();
      device = next;
      announce();
    },
    unplug,
    close() {
      detach();
      device = undefined;
    },
  };
}
