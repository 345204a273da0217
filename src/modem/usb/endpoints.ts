import { ENDPOINT, type Endpoint } from './device.ts';

/** A bulk endpoint at high speed, 512 bytes a packet. What its descriptor says of an interval means nothing to a host. */
export function bulk(address: number, interval = 0): Endpoint {
  return { address, type: ENDPOINT.bulk, maxPacketSize: 512, interval };
}

/** An interrupt endpoint at high speed. The host asks every 2^(interval - 1) microframes of 125 µs; 9 is 32 ms. */
export function interrupt(address: number, maxPacketSize: number, interval = 9): Endpoint {
  return { address, type: ENDPOINT.interrupt, maxPacketSize, interval };
}
