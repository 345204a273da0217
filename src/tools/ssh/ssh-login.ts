import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import ssh2, { type AnyAuthMethod, type ParsedKey } from 'ssh2';
import { explainFileError, InputError } from '../../core/errors.ts';

/** The user's credentials. Secrets come from the environment only. */
export interface SshCredentials {
  /** A private key's file. */
  readonly identity?: string | undefined;
  /** Of that key. */
  readonly passphrase?: string | undefined;
  readonly password?: string | undefined;
  /** SSH_AUTH_SOCK. */
  readonly agentSocket?: string | undefined;
}

/** A login method. They are tried in this order: the key, the agent's keys, the password. */
export interface LoginMethod {
  /** The method's name in the protocol; the server lists those that it accepts (RFC 4252 §5). */
  readonly protocolName: 'publickey' | 'password' | 'keyboard-interactive';
  readonly method: AnyAuthMethod;
}

/** The login methods, checked as far as possible without the server. */
export interface Login {
  readonly user: string;
  readonly methods: readonly LoginMethod[];
  /** For people: "the key ~/.ssh/id_ed25519, 2 keys of the agent". */
  readonly description: string;
  /** Texts that no message may contain. */
  readonly secrets: readonly string[];
}

/**
 * Reads the key and queries the agent, before anything is sent.
 * @throws InputError when the key is invalid, its passphrase is missing or wrong, or there is no login method
 */
export async function prepareLogin(user: string, credentials: SshCredentials): Promise<Login> {
  const { identity, passphrase, password, agentSocket } = credentials;
  const methods: LoginMethod[] = [];
  const descriptions: string[] = [];
  if (identity !== undefined) {
    const key = await readPrivateKey(identity, passphrase);
    methods.push({ protocolName: 'publickey', method: { type: 'publickey', username: user, key } });
    descriptions.push(`the key ${identity}`);
  }
  const agent = agentSocket === undefined ? 'no agent (SSH_AUTH_SOCK)' : await countAgentKeys(agentSocket);
  if (agentSocket !== undefined && typeof agent === 'number') {
    const method = { type: 'agent', username: user, agent: agentSocket } as const;
    methods.push({ protocolName: 'publickey', method });
    descriptions.push(agent === 1 ? "the agent's key" : `${agent} keys of the agent`);
  }
  if (password !== undefined) {
    methods.push(...passwordMethods(user, password));
    descriptions.push('the password');
  }
  if (methods.length === 0) {
    throw new InputError(
      `nothing to log in as ${user} with: no --identity, ${agent}, no WWANPI_SSH_PASSWORD`,
      {
        hint: '--identity FILE names a private key (its passphrase in WWANPI_SSH_PASSPHRASE); or ssh-add it to the agent; or put the password into WWANPI_SSH_PASSWORD',
      },
    );
  }
  const secrets = [password, passphrase].filter((secret) => secret !== undefined && secret !== '');
  return { user, methods, description: descriptions.join(', '), secrets: secrets as string[] };
}

async function readPrivateKey(path: string, passphrase: string | undefined): Promise<ParsedKey> {
  const text = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`--identity: cannot read ${path}: ${explainFileError(error)}`, { cause: error });
  });
  const parsed: ParsedKey | ParsedKey[] | Error = ssh2.utils.parseKey(text, passphrase);
  if (parsed instanceof Error) throw validateKey(path, parsed.message, passphrase);
  // The parser's type allows several keys, but a file has one.
  const key = Array.isArray(parsed) ? (parsed[0] as ParsedKey) : parsed;
  if (!key.isPrivateKey()) {
    throw new InputError(`--identity ${path} is a public key`, { hint: 'give the file without .pub' });
  }
  return key;
}

/** Only the parser's messages tell these apart (ssh2 1.17, lib/protocol/keyParser.js). */
function validateKey(path: string, message: string, passphrase: string | undefined): InputError {
  if (/no passphrase given/.test(message)) {
    return new InputError(`--identity ${path} is encrypted`, {
      hint: 'put its passphrase into WWANPI_SSH_PASSPHRASE, or ssh-add it to the agent and leave --identity out',
    });
  }
  if (passphrase !== undefined && /passphrase|integrity check/i.test(message)) {
    return new InputError(`--identity ${path}: the passphrase in WWANPI_SSH_PASSPHRASE is wrong`);
  }
  return new InputError(`--identity ${path} is not a usable private key (${message})`, {
    hint: 'Ed25519, ECDSA and RSA keys of ssh-keygen can; for one on a hardware token use the agent',
  });
}

const AGENT_PATIENCE_MS = 5000;

/** The number of keys that the agent has, or why there is none. */
async function countAgentKeys(socket: string): Promise<number | string> {
  const asked = new Promise<number | string>((resolve) => {
    ssh2.createAgent(socket).getIdentities((error, keys) => {
      if (error) resolve('the agent of SSH_AUTH_SOCK does not answer');
      else resolve(keys === undefined || keys.length === 0 ? 'no key in the agent' : keys.length);
    });
  });
  const patience = delay(AGENT_PATIENCE_MS, 'the agent of SSH_AUTH_SOCK does not answer', { ref: false });
  return Promise.race([asked, patience]);
}

/** Servers that ask through PAM accept the same password as the answer to a prompt (RFC 4256). */
function passwordMethods(user: string, password: string): LoginMethod[] {
  return [
    { protocolName: 'password', method: { type: 'password', username: user, password } },
    {
      protocolName: 'keyboard-interactive',
      method: {
        type: 'keyboard-interactive',
        username: user,
        // Only once: a second question asks for a code we do not have, or repeats because the password was wrong.
        prompt: (_name, _instructions, _lang, prompts, finish) =>
          finish(prompts.length === 1 && prompts[0]?.echo !== true ? [password] : []),
      },
    },
  ];
}
