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
 * Other types have no record, and names under `.invalid` (RFC 6761) do not exist. Undefined if it is not a query.
 */
export function answerDns(query: Buffer, network: Behaviour['network'], log: EventLog): Buffer | undefined {
  const packet = decodePacket(query);
  if (packet?.type !== 'query') return undefined;
  const { questions = [], flags = 0 } = packet;
  const [question, ...others] = questions;
  const isPlain = (flags & OPCODE) === 0 && others.length === 0;
  if (question === undefined || !isPlain) return reply(packet, NOTIMP, {});
  const { type } = question;
  const name = question.name.toLowerCase().replace(/[^ -~]/g, '?');
  const known = !`.${name}`.endsWith('.invalid');
  const address = network.hosts[name] ?? network.gateway;
  const hasAddress = known && type === 'A' && question.class === 'IN';
  log.record({
    type: 'dns',
    name,
    query: type,
    answer: hasAddress ? address : known ? 'none' : 'no such name',
  });
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
