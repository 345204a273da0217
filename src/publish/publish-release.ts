import { setTimeout as delay } from 'node:timers/promises';
import type { Context } from '../core/context.ts';
import { InterruptedError, NetworkError } from '../core/errors.ts';
import { keyFingerprint, readKeyType } from '../formats/known-hosts.ts';
import { beginRelease, finishRelease } from '../formats/release-files/release-history.ts';
import { formatSftpTarget, type SftpTarget } from '../formats/sftp-url.ts';
import { formatDuration } from '../formats/units.ts';
import { findRemoteHasher } from '../tools/ssh/remote-hash.ts';
import { findHome, makeFolder } from '../tools/ssh/sftp.ts';
import { createPace } from '../tools/ssh/sftp-transfer.ts';
import { connectSsh } from '../tools/ssh/ssh-connect.ts';
import { ConnectionLostError, type SshConnection } from '../tools/ssh/ssh-connection.ts';
import type { HostTrust } from '../tools/ssh/ssh-host-key.ts';
import { prepareLogin, type SshCredentials } from '../tools/ssh/ssh-login.ts';
import { checkRoom, comparePlan, readRemoteFolder } from './inspect-remote.ts';
import { type PublishPlan, publishedFiles } from './plan-publish.ts';
import { pruneReleases } from './prune-releases.ts';
import { checkRelease, listRelease } from './read-release.ts';
import { countFiles, type Release } from './release.ts';
import { type PublishMemory, sendFiles } from './send-files.ts';
import { switchRelease, writeHistory } from './switch-release.ts';
import type { Server } from './upload-file.ts';

/** A publication: folder, target, credentials and options. */
export interface PublishRequest {
  readonly folder: string;
  readonly target: SftpTarget;
  readonly credentials: SshCredentials;
  readonly trust: HostTrust;
  /** How many releases to keep; undefined keeps all. */
  readonly prune: number | undefined;
  /** Report without changing anything. */
  readonly dryRun: boolean;
  /** How often to try again after the connection broke without progress. */
  readonly retries: number;
  /** Delay before the first retry; doubles with each. */
  readonly retryDelayMs: number;
  /** As in `SshOptions`. */
  readonly keepaliveMs?: number;
  /** What to tell beforehand, a sentence each. */
  readonly notes?: readonly string[];
}

/** The result; in a dry run, the planned one. */
export interface PublishResult {
  /** The address without secrets. */
  readonly target: string;
  readonly sent: readonly string[];
  readonly unchanged: readonly string[];
  readonly removed: readonly string[];
  /** Bytes sent, including repeated ones. */
  readonly sentBytes: number;
  readonly seconds: number;
}

/**
 * Publishes a local output folder as a folder on a server. Each file is sent under a temporary name and checked on the
 * server; all are renamed when all are complete. An interrupted run is resumed by the next one.
 * @throws InputError and VerificationError before anything is sent, NetworkError
 */
export async function publishRelease(context: Context, request: PublishRequest): Promise<PublishResult> {
  const started = Date.now();
  for (const note of request.notes ?? []) context.report.info(note);
  // What takes no time comes first: the sums of a fleet take minutes.
  const login = await prepareLogin(request.target.user, request.credentials);
  const listing = await listRelease(request.folder);
  const memory: PublishMemory = {
    checked: new Set(),
    same: new Set(),
    removed: new Set(),
    pace: createPace(),
    sentBytes: 0,
  };
  const connect = async () => {
    const { trust, keepaliveMs, target } = request;
    const { host, port } = target;
    const step = context.report.step('Connect');
    const ssh = await connectSsh({ host, port, login, trust, keepaliveMs, signal: context.signal });
    step(`${host}, ${readKeyType(ssh.hostKey)} ${keyFingerprint(ssh.hostKey)}`);
    return ssh;
  };
  let open: SshConnection | undefined = await withRetries(context, request, memory, connect);
  let release: Release;
  try {
    release = await checkRelease(context, listing);
  } catch (error) {
    await open.close();
    throw error;
  }
  const plan = await withRetries(context, request, memory, async () => {
    const { path, isInHome } = request.target;
    const ssh = open ?? (await connect());
    open = undefined;
    try {
      const hasher = await findRemoteHasher(ssh, memory.pace);
      const folder = isInHome ? `${await findHome(ssh)}${path === '/' ? '' : path}` || '/' : path;
      return await publishOver(context, { ssh, hasher, pace: memory.pace, folder }, release, request, memory);
    } finally {
      await ssh.close();
    }
  });
  const names = release.entries.map(({ name }) => name);
  const sent = names.filter((name) =>
    request.dryRun ? plan.send.some((entry) => entry.name === name) : memory.checked.has(name),
  );
  return {
    target: formatSftpTarget(request.target),
    sent,
    unchanged: names.filter((name) => !sent.includes(name)),
    removed: [...memory.removed],
    sentBytes: memory.sentBytes,
    seconds: (Date.now() - started) / 1000,
  };
}

/** Publishes over one connection; every part can be interrupted and repeated. */
async function publishOver(
  context: Context,
  server: Server,
  release: Release,
  request: PublishRequest,
  memory: PublishMemory,
): Promise<PublishPlan> {
  const { dryRun, prune } = request;
  const remote = await readRemoteFolder(server);
  const plan = await comparePlan(context, server, release, remote, memory.same);
  for (const name of plan.foreignSignatures) {
    context.report.warn(
      `${name} on the server does not belong to this release and is not from wwanpi: it is kept`,
    );
  }
  const { sums } = release;
  const isNewest = remote.history[0]?.sums === sums && remote.history[0].isPublished;
  const begun = isNewest
    ? remote.history
    : beginRelease(remote.history, { begun: new Date().toISOString(), sums, files: publishedFiles(release) });
  const published = finishRelease(begun, sums);
  if (!dryRun) {
    if (!remote.exists) await makeFolder(server.ssh, server.folder);
    await checkRoom(server, server.folder, plan);
    if (!isNewest) await writeHistory(server, begun);
    await sendFiles(context, server, release, plan, memory);
    await switchRelease(server, plan);
    if (!isNewest) await writeHistory(server, published);
  }
  if (prune !== undefined) {
    const step = context.report.step('Prune');
    await pruneReleases(context, server, published, remote.sizes, memory.removed, { keep: prune, dryRun });
    step(`${countFiles(memory.removed.size)} of older releases`);
  }
  return plan;
}

async function withRetries<T>(
  context: Context,
  request: PublishRequest,
  memory: PublishMemory,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let failures = 0; ; ) {
    const before = memory.sentBytes + memory.checked.size;
    try {
      return await attempt();
    } catch (error) {
      if (context.signal.aborted) throw new InterruptedError('interrupted');
      if (!(error instanceof ConnectionLostError)) throw error;
      context.report.fail();
      failures = memory.sentBytes + memory.checked.size > before ? 1 : failures + 1;
      if (failures > request.retries) {
        throw new NetworkError(`${formatSftpTarget(request.target)}: ${error.message}`, {
          hint: 'check the address and the network; the same command resumes the upload',
          cause: error,
        });
      }
      const waitMs = request.retryDelayMs * 2 ** (failures - 1);
      context.report.warn(`${error.message}; trying again in ${formatDuration(waitMs / 1000)}`);
      await delay(waitMs, undefined, { signal: context.signal }).catch(() => {
        throw new InterruptedError('interrupted');
      });
    }
  }
}
