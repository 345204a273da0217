import { readdir, readFile } from 'node:fs/promises';

/** Ids of the running processes that have `text` somewhere in their command line. */
export async function findProcesses(text: string): Promise<number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found: number[] = [];
  for (const id of ids) {
    const commandLine = await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '');
    if (commandLine.includes(text) && Number(id) !== process.pid) found.push(Number(id));
  }
  return found;
}
