/**
 * A USB device as its bus sees it. The transport (usbredir) knows nothing about modems, and devices know
 * nothing about the transport. Names and numbers: USB 2.0, chapter 9.
 */

/** Transfer types as in bmAttributes of an endpoint descriptor. */
export const ENDPOINT = { control: 0, isochronous: 1, bulk: 2, interrupt: 3 } as const;

/** One endpoint; bit 7 of the address is set for IN (towards the host). */
export interface Endpoint {
  readonly address: number;
  readonly type: (typeof ENDPOINT)[keyof typeof ENDPOINT];
  readonly maxPacketSize: number;
  readonly interval: number;
}

/** One interface of the configuration, with the class-specific descriptors that follow it. */
export interface UsbInterface {
  readonly number: number;
  readonly interfaceClass: number;
  readonly subclass: number;
  readonly protocol: number;
  readonly extra?: Buffer;
  readonly endpoints: readonly Endpoint[];
  /** The endpoints of alternate setting 1, for an interface that has one. */
  readonly alternate?: readonly Endpoint[];
}

/** The content of all descriptors, in one configuration. */
export interface DeviceLayout {
  readonly deviceClass: number;
  readonly subclass: number;
  readonly protocol: number;
  readonly vendorId: number;
  readonly productId: number;
  readonly version: number;
  /** By index: 1 configuration, 2 product, 3 manufacturer, then the strings of interfaces. */
  readonly strings: Readonly<Record<number, string>>;
  readonly interfaces: readonly UsbInterface[];
}

/** The eight bytes that open a control transfer. */
export interface Setup {
  readonly requestType: number;
  readonly request: number;
  readonly value: number;
  readonly index: number;
  readonly length: number;
}

/** Bytes for the host; `done` (OUT); or `stall`, if the device does not have this request. */
export type ControlAnswer = Buffer | 'done' | 'stall';

/** A device's view of the bus it is plugged into. */
export interface Bus {
  /** Queues one IN transfer; it waits until the host asks. */
  send(endpoint: number, data: Buffer): void;
  /** Sends an interrupt transfer, if the host listens. */
  interrupt(endpoint: number, data: Buffer): void;
  /** Halts an endpoint: every transfer gets a stall until `clearHalt`. */
  halt(endpoint: number): void;
  clearHalt(endpoint: number): void;
  /** Forgets what is queued for the host. */
  flush(endpoint: number): void;
}

/** A device that can be plugged in. */
export interface UsbDevice {
  readonly layout: DeviceLayout;
  attached(bus: Bus): void;
  detached(): void;
  reset(): void;
  setConfiguration(configuration: number): void;
  setInterface(number: number, alt: number): void;
  control(setup: Setup, data: Buffer): ControlAnswer;
  bulkOut(endpoint: number, data: Buffer): void;
  /** The host began to listen to an interrupt endpoint. */
  interruptStarted(endpoint: number): void;
}
