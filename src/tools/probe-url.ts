import { EnvHttpProxyAgent, request } from 'undici';

/**
 * Asks a server whether it has something, through the proxies of the environment, without fetching it.
 * @param timeoutMs for everything
 * @returns undefined if it has, otherwise why not: "does not answer in 5 s", "answers 404"
 */
export async function probeUrl(
  url: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const agent = new EnvHttpProxyAgent();
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const { statusCode, body } = await request(url, {
      method: 'HEAD',
      dispatcher: agent,
      signal: AbortSignal.any([signal, limit]),
    });
    await body.dump();
    return statusCode < 400 ? undefined : `answers ${statusCode}`;
  } catch (error) {
    if (limit.aborted) return `does not answer in ${timeoutMs / 1000} s`;
    return `cannot be reached (${(error as NodeJS.ErrnoException).code ?? (error as Error).name})`;
  } finally {
    await agent.destroy();
  }
}
