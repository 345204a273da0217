import { findFaults, type Rule, TEXT_RULES } from './rule.ts';

/** The types of keys that OpenSSH knows, but for DSA. */
const KEY_TYPES = [
  'ssh-ed25519',
  'ssh-rsa',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
];

/** What refuses the form of a public key line of authorized_keys (sshd(8)) without options. */
export const PUBLIC_KEY_RULES: readonly Rule[] = [
  { pattern: 'PRIVATE KEY', refuses: true, fault: 'is a private key; give the .pub file' },
  ...TEXT_RULES.map((rule) => ({
    ...rule,
    fault: rule.fault.replace('character', 'character or a line break'),
  })),
  {
    pattern: `^(${KEY_TYPES.join('|').replaceAll('.', '[.]')}) `,
    fault: `begins with no key type of OpenSSH (${KEY_TYPES.slice(0, 3).join(', ')}, …)`,
  },
  {
    pattern: '^[^ ]* ([A-Za-z0-9+/]{4})*[A-Za-z0-9+/]{2}([A-Za-z0-9+/]{2}|[A-Za-z0-9+/]=|==)( |$)',
    fault: 'has a key that is not base64',
  },
];

/**
 * Why `line` is not a public key line, or undefined. The blob must begin with its own type and consist of at least two
 * whole fields, each a length and that many bytes (RFC 4253 §6.6).
 */
export function validatePublicKey(line: string): string | undefined {
  const plain = line.trim();
  return findFaults(plain, PUBLIC_KEY_RULES)[0] ?? findBlobFault(plain);
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Why the blob of a line that has the right form is not a key of its type. In a browser, too. */
export function findBlobFault(line: string): string | undefined {
  const [type = '', blob = ''] = line.split(' ');
  const size = (blob.length / 4) * 3 - (blob.endsWith('==') ? 2 : blob.endsWith('=') ? 1 : 0);
  const byteAt = (index: number) => {
    const at = Math.floor(index / 3) * 4;
    const group = [0, 1, 2, 3].reduce(
      (sum, digit) => sum * 64 + Math.max(0, DIGITS.indexOf(blob[at + digit] ?? 'A')),
      0,
    );
    return (group >> (16 - (index % 3) * 8)) & 0xff;
  };
  const lengthAt = (index: number) =>
    [0, 1, 2, 3].reduce((sum, digit) => sum * 256 + byteAt(index + digit), 0);
  const name = Array.from({ length: type.length }, (_, index) => String.fromCharCode(byteAt(4 + index)));
  if (size < 4 + type.length || lengthAt(0) !== type.length || name.join('') !== type) {
    return `holds a key that is not of type ${type}`;
  }
  let offset = 0;
  let fields = 0;
  while (offset + 4 <= size) {
    offset += 4 + lengthAt(offset);
    fields += 1;
  }
  return offset === size && fields >= 2 ? undefined : 'holds a key that is cut short';
}
