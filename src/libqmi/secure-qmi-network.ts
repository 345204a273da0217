import { CompileError } from '../core/errors.ts';

/** Where qmi-network remembers its call on a Pi, and the lock of wwanpi's scripts lies: root's alone (tmpfiles.d). */
export const RUN_FOLDER = '/run/wwanpi';

/** As it stands in every release from 1.4 to 1.32. */
const STATE_IN_TMP = /^STATE_FILE=\/tmp\/(qmi-network-state-`basename \$DEVICE`)$/gm;

/**
 * Moves the state file of qmi-network(1) from /tmp into a folder of root's. qmi-network runs the file as shell, and in
 * /tmp any user can put it there first: the next dialling would run it as root.
 * @throws CompileError where the script does not have the line exactly once
 */
export function secureQmiNetwork(script: string): string {
  const found = script.match(STATE_IN_TMP)?.length ?? 0;
  if (found !== 1) {
    throw new CompileError(`qmi-network has ${found} lines that put its state into /tmp, not one`, {
      hint: 'this libqmi is unknown to wwanpi: use another --libqmi-source, or none',
    });
  }
  // GPL-2, section 2a: a changed file says that it was changed, and when.
  return script.replace(
    STATE_IN_TMP,
    (_, name: string) =>
      `# Changed by wwanpi, 2026-11-29: this file is run, so it lies in a folder of root's, no longer in /tmp.\nmkdir -p -m 0700 ${RUN_FOLDER}\nSTATE_FILE=${RUN_FOLDER}/${name}`,
  );
}
