import type { TestContext } from 'node:test';
import {
  type PublishRequest,
  type PublishResult,
  publishRelease,
} from '../../src/publish/publish-release.ts';
import { readKnownHosts } from '../../src/tools/ssh/ssh-host-key.ts';
import { createTestContext } from './context.ts';
import type { SshServer } from './ssh-server.ts';

/** Publishes as whoever runs the test, with the server's key known under its own port. */
export async function publishTo(
  t: TestContext,
  server: SshServer,
  folder: string,
  changes: Partial<PublishRequest> & {
    port?: number;
    path?: string;
    warnings?: string[];
    signal?: AbortSignal;
  } = {},
): Promise<PublishResult> {
  const context = await createTestContext(t);
  const { port = server.port, path = server.target, warnings, signal, ...request } = changes;
  const trust = await readKnownHosts([server.knownHosts]);
  const report = { ...context.report, warn: (text: string) => void warnings?.push(text) };
  return publishRelease(
    { ...context, report, signal: signal ?? context.signal },
    {
      folder,
      target: { user: server.user, host: '127.0.0.1', port, path, isInHome: false },
      credentials: { identity: server.identity },
      trust: port === server.port ? trust : trustAtAnyPort(trust),
      prune: undefined,
      dryRun: false,
      retries: 3,
      retryDelayMs: 10,
      ...request,
    },
  );
}

/** The same keys whatever the port: a proxy has its own. */
function trustAtAnyPort(trust: PublishRequest['trust']): PublishRequest['trust'] {
  if (trust.kind === 'fingerprint') return trust;
  const files = trust.files.map(({ path, hosts }) => ({
    path,
    hosts: hosts.map((host) => ({ ...host, hosts: '[127.0.0.1]:*' })),
  }));
  return { kind: 'known-hosts', files };
}
