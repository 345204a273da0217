import type { Behaviour } from '../behaviour.ts';
import type { EventLog } from '../events.ts';
import { parseAddress } from './ethernet.ts';

const TYPE = { A: 1, AAAA: 28 } as const;
const CLASS_IN = 1;
const HEADER = 12;
const RESPONSE = 0x8000;
const RECURSION = 0x0180; // desired and available
const NXDOMAIN = 3;
const NOTIMP = 4;
const TTL_SECONDS = 60;

/**
 * Answers a DNS query (RFC 1035): A with the address the behaviour has for the name, else the gateway's;
 * nothing of other types; and no such name under `.invalid` (RFC 6761). Undefined when it is not a query.
 */
export function answerDns(query: Buffer, network: Behaviour['network'], log: EventLog): Buffer | undefined {
  if (query.length < HEADER || (query.readUInt16BE(2) & RESPONSE) !== 0) return undefined;
  const opcode = (query.readUInt16BE(2) >> 11) & 15;
  if (opcode !== 0 || query.readUInt16BE(4) !== 1) return reply(query, HEADER, NOTIMP);
  const question = readName(query, HEADER);
  if (question === undefined || question.end + 4 > query.length) return undefined;
  const { name, end } = question;
  const type = query.readUInt16BE(end);
  const typeName = Object.entries(TYPE).find(([, value]) => value === type)?.[0] ?? String(type);
  const known = !`.${name}`.endsWith('.invalid');
  const address = network.hosts[name] ?? network.gateway;
  const hasAddress = known && type === TYPE.A && query.readUInt16BE(end + 2) === CLASS_IN;
  const answer = hasAddress ? address : known ? 'none' : 'no such name';
  log.record({ type: 'dns', name, query: typeName, answer });
  if (!hasAddress) return reply(query, end + 4, known ? 0 : NXDOMAIN);
  const record = Buffer.alloc(12);
  record.writeUInt16BE(0xc000 | HEADER, 0); // the name of the question
  record.writeUInt16BE(TYPE.A, 2);
  record.writeUInt16BE(CLASS_IN, 4);
  record.writeUInt32BE(TTL_SECONDS, 6);
  record.writeUInt16BE(4, 10);
  return reply(query, end + 4, 0, Buffer.concat([record, parseAddress(address)]));
}

function reply(query: Buffer, questionEnd: number, code: number, record?: Buffer): Buffer {
  const question = Buffer.from(query.subarray(0, questionEnd));
  question.writeUInt16BE(RESPONSE | RECURSION | (query.readUInt16BE(2) & 0x7800) | code, 2);
  question.writeUInt16BE(questionEnd > HEADER ? 1 : 0, 4);
  question.writeUInt16BE(record === undefined ? 0 : 1, 6);
  question.writeUInt32BE(0, 8);
  return record === undefined ? question : Buffer.concat([question, record]);
}

/** A name of plain labels, in lower case; a question has no use for compression. */
function readName(bytes: Buffer, start: number): { name: string; end: number } | undefined {
  const labels: string[] = [];
  let at = start;
  for (;;) {
    const length = bytes[at];
    if (length === undefined || length > 63 || at + 1 + length > bytes.length || at - start > 255) {
      return undefined;
    }
    at += 1;
    if (length === 0) break;
    labels.push(bytes.toString('latin1', at, at + length).replace(/[^ -~]/g, '?'));
    at += length;
  }
  return { name: labels.join('.').toLowerCase(), end: at };
}
