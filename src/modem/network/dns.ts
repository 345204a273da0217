import { type DecodedPacket, decode, encode, type Packet } from 'dns-packet';
import type { Behaviour } from '../behaviour.ts';
import type { EventLog } from '../events.ts';

const OPCODE = 0x7800;
const RECURSION = 0x0180; // desired and available
const NXDOMAIN = 3;
const NOTIMP = 4;
const TTL_SECONDS = 60;

/**
 * Answers a DNS query (RFC 1035). An A record has the behaviour's address for the name, else the gateway's.
 * Other types have no record, and names under `.invalid` (RFC 6761) do not exist. Undefined if it is not a query, or if
 * the network loses queries to that name server.
 */
export function answerDns(
  query: Buffer,
  server: string,
  network: Behaviour['network'],
  log: EventLog,
): Buffer | undefined {
  const packet = decodePacket(query);
  if (packet?.type !== 'query') return undefined;
  const { questions = [], flags = 0 } = packet;
  const [question, ...others] = questions;
  const isPlain = (flags & OPCODE) === 0 && others.length === 0;
  if (question === undefined || !isPlain) return reply(packet, NOTIMP, {});
  const { type } = question;
  const name = question.name.toLowerCase().replace(/[^ -~]/g, '?');
  const known = !`.${name}`.endsWith('.invalid');
  // The guest chooses the name: `constructor` is not the table's own.
  const own = Object.hasOwn(network.hosts, name) ? network.hosts[name] : undefined;
  const address = own ?? network.gateway;
  const hasAddress = known && type === 'A' && question.class === 'IN';
  const isLost = network.drops.dns.includes(server);
  const found = hasAddress ? address : known ? 'none' : 'no such name';
  log.record({ type: 'dns', name, query: type, answer: isLost ? 'lost' : found });
  if (isLost) return undefined;
  if (!hasAddress) return reply(packet, known ? 0 : NXDOMAIN, { questions });
  const answers: Packet['answers'] = [{ type, name: question.name, ttl: TTL_SECONDS, data: address }];
  return reply(packet, 0, { questions, answers });
}

function decodePacket(bytes: Buffer): DecodedPacket | undefined {
  try {
    return decode(bytes);
  } catch {
    return undefined;
  }
}

function reply(
  { id, flags = 0 }: Packet,
  code: number,
  sections: Pick<Packet, 'questions' | 'answers'>,
): Buffer {
  return encode({ type: 'response', id, flags: RECURSION | (flags & OPCODE) | code, ...sections });
}
