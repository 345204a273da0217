const KEY_TYPES = [
  'ssh-ed25519',
  'ssh-rsa',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
];

/**
 * Why `line` is not a public key line of authorized_keys (sshd(8)) without options, or undefined. The blob must be
 * base64 and begin with its own type, length first (RFC 4253 §6.6).
 */
export function validatePublicKey(line: string): string | undefined {
  if (/PRIVATE KEY/.test(line)) return 'is a private key; give the .pub file';
  if (/[\x00-\x1f\x7f-\x9f\u2028\u2029]/.test(line)) return 'holds a control character or a line break';
  const [type = '', blob = ''] = line.trim().split(' ');
  if (!KEY_TYPES.includes(type))
    return `begins with no key type of OpenSSH (${KEY_TYPES.slice(0, 3).join(', ')}, …)`;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(blob) || blob.length % 4 !== 0) return 'has a key that is not base64';
  const bytes = Buffer.from(blob, 'base64');
  const length = bytes.length >= 4 ? bytes.readUInt32BE(0) : 0;
  if (bytes.subarray(4, 4 + length).toString('latin1') !== type)
    return `holds a key that is not of type ${type}`;
  return fieldsFillBlob(bytes) ? undefined : 'holds a key that is cut short';
}

/** Whether the blob consists of at least two whole fields: each is a length and that many bytes. */
function fieldsFillBlob(bytes: Buffer): boolean {
  let offset = 0;
  let fields = 0;
  while (offset + 4 <= bytes.length) {
    offset += 4 + bytes.readUInt32BE(offset);
    fields += 1;
  }
  return offset === bytes.length && fields >= 2;
}
