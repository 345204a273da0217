import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import ssh2, { type AnyAuthMethod, type ParsedKey } from 'ssh2';
import { explainFileError, InputError } from '../../core/errors.ts';
import { findKeys, parseKey } from './key-files.ts';

/** The user's credentials. Secrets come from the environment only. */
export interface SshCredentials {
  /** A private key's file, named for this run. */
  readonly identity?: string | undefined;
  /** Private keys to try after the agent's, where they can be used: those of ~/.ssh/config, or the usual ones in ~/.ssh. */
  readonly keyFiles?: readonly string[] | undefined;
  /** Of the agent's keys, only those of `keyFiles`. */
  readonly identitiesOnly?: boolean | undefined;
  /** Of a key that is encrypted. */
  readonly passphrase?: string | undefined;
  readonly password?: string | undefined;
  /** SSH_AUTH_SOCK. */
  readonly agentSocket?: string | undefined;
}

/** A login method. They are tried in this order: `identity`, the agent's keys, `keyFiles`, the password. */
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
  const { identity, passphrase, password, agentSocket, keyFiles = [] } = credentials;
  const methods: LoginMethod[] = [];
  const descriptions: string[] = [];
  const addKey = (path: string, key: ParsedKey) => {
    methods.push({ protocolName: 'publickey', method: { type: 'publickey', username: user, key } });
    descriptions.push(`the key ${path}`);
  };
  if (identity !== undefined) addKey(identity, await readPrivateKey(identity, passphrase));
  const files = await findKeys(keyFiles, passphrase);
  const agent = agentSocket === undefined ? 'no agent (SSH_AUTH_SOCK)' : await listAgentKeys(agentSocket);
  const fromFiles = [...files.keys.map(({ key }) => key), ...files.locked];
  const agentKeys =
    typeof agent === 'string'
      ? []
      : agent.filter(
          (key) => credentials.identitiesOnly !== true || fromFiles.some((each) => isSame(each, key)),
        );
  if (agentSocket !== undefined && agentKeys.length > 0) {
    const method = { type: 'agent', username: user, agent: openAgent(agentSocket, agentKeys) } as const;
    methods.push({ protocolName: 'publickey', method });
    descriptions.push(agentKeys.length === 1 ? "the agent's key" : `${agentKeys.length} keys of the agent`);
  }
  for (const { path, key } of files.keys) {
    // A server counts tries: once is enough.
    if (!agentKeys.some((each) => isSame(each, key))) addKey(path, key);
  }
  if (password !== undefined) {
    methods.push(...passwordMethods(user, password));
    descriptions.push('the password');
  }
  if (methods.length === 0) {
    const left = [
      ...(files.notes.length > 0
        ? files.notes
        : [identity === undefined ? 'no key in ~/.ssh' : 'no --identity']),
      typeof agent === 'string' ? agent : 'no key of the agent that ~/.ssh/config allows',
    ];
    throw new InputError(`nothing to log in as ${user} with: ${left.join(', ')}, no WWANPI_SSH_PASSWORD`, {
      hint: 'ssh-add the key to the agent; or name one with --identity FILE, with its passphrase in WWANPI_SSH_PASSPHRASE; or put the password into WWANPI_SSH_PASSWORD',
    });
  }
  const secrets = [password, passphrase].filter((secret) => secret !== undefined && secret !== '');
  return { user, methods, description: descriptions.join(', '), secrets: secrets as string[] };
}

/** An agent that offers only some of its keys. */
function openAgent(socket: string, keys: readonly ParsedKey[]): ReturnType<typeof ssh2.createAgent> {
  const agent = ssh2.createAgent(socket);
  agent.getIdentities = (callback) => callback(undefined, [...keys]);
  return agent;
}

function isParsed(key: unknown): key is ParsedKey {
  return typeof key === 'object' && key !== null && 'getPublicSSH' in key;
}

function isSame(a: ParsedKey, b: ParsedKey): boolean {
  return a.getPublicSSH().equals(b.getPublicSSH());
}

async function readPrivateKey(path: string, passphrase: string | undefined): Promise<ParsedKey> {
  const text = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`--identity: cannot read ${path}: ${explainFileError(error)}`, { cause: error });
  });
  const key = parseKey(text, passphrase);
  if (key instanceof Error) throw validateKey(path, key.message, passphrase);
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

/** The keys that the agent has, or why there are none. */
async function listAgentKeys(socket: string): Promise<readonly ParsedKey[] | string> {
  const asked = new Promise<readonly ParsedKey[] | string>((resolve) => {
    ssh2.createAgent(socket).getIdentities((error, keys) => {
      if (error) resolve('the agent of SSH_AUTH_SOCK does not answer');
      else resolve(keys === undefined || keys.length === 0 ? 'no key in the agent' : keys.filter(isParsed));
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
