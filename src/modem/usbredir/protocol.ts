/**
 * Numbers of the USB network redirection protocol 0.7, as in usbredirproto.h and usb-redirection-protocol.md
 * of the usbredir project. All integers are little endian.
 */
export const MESSAGE = {
  hello: 0,
  device_connect: 1,
  device_disconnect: 2,
  reset: 3,
  interface_info: 4,
  ep_info: 5,
  set_configuration: 6,
  get_configuration: 7,
  configuration_status: 8,
  set_alt_setting: 9,
  get_alt_setting: 10,
  alt_setting_status: 11,
  start_iso_stream: 12,
  stop_iso_stream: 13,
  iso_stream_status: 14,
  start_interrupt_receiving: 15,
  stop_interrupt_receiving: 16,
  interrupt_receiving_status: 17,
  alloc_bulk_streams: 18,
  free_bulk_streams: 19,
  bulk_streams_status: 20,
  cancel_data_packet: 21,
  filter_reject: 22,
  filter_filter: 23,
  device_disconnect_ack: 24,
  start_bulk_receiving: 25,
  stop_bulk_receiving: 26,
  bulk_receiving_status: 27,
  control_packet: 100,
  bulk_packet: 101,
  iso_packet: 102,
  interrupt_packet: 103,
  buffered_bulk_packet: 104,
} as const;

/** Capabilities: bit numbers in the hello message. */
export const CAP = {
  bulk_streams: 0,
  connect_device_version: 1,
  filter: 2,
  device_disconnect_ack: 3,
  ep_info_max_packet_size: 4,
  '64bits_ids': 5,
  '32bits_bulk_length': 6,
  bulk_receiving: 7,
} as const;

/** Outcome of a transfer. */
export const STATUS = {
  success: 0,
  cancelled: 1,
  inval: 2,
  ioerror: 3,
  stall: 4,
  timeout: 5,
  babble: 6,
} as const;

/** Speed of a device in device_connect. */
export const SPEED_HIGH = 2;

/** The capabilities that this side announces. */
export const OUR_CAPS = getCaps(
  CAP.connect_device_version,
  CAP.ep_info_max_packet_size,
  CAP['64bits_ids'],
  CAP['32bits_bulk_length'],
);

/** Whether a set of capabilities contains one. */
export function hasCap(caps: number, cap: number): boolean {
  return ((caps >>> cap) & 1) === 1;
}

function getCaps(...caps: number[]): number {
  return caps.reduce((set, cap) => set | (1 << cap), 0);
}
