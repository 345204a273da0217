import { countOf, type Step } from '../core/reporter.ts';

/**
 * Follows the output of a build, and says how far it is: ninja counts its own steps, "[12/345] Compiling …"; of make, the
 * files are counted, "  CC       qmi-client.lo" (automake's silent rules).
 * @returns takes each line of the output
 */
export function followBuild(step: Pick<Step, 'update'>): (line: string) => void {
  let files = 0;
  return (line) => {
    const ninja = /^\[(\d+)\/(\d+)\] /.exec(line);
    if (ninja !== null) {
      step.update(...countOf(Number(ninja[1]), Number(ninja[2]), 'compiled'));
    } else if (/^ {2}(?:CC|CCLD) +\S/.test(line)) {
      files += 1;
      step.update(`${files} files compiled`, { done: files, unit: 'files' });
    }
  };
}
