import type { LoginChoice } from './answers.ts';
import { askPassword } from './ask-question.ts';
import { listLogins } from './choices.ts';
import { BACK } from './dialogue.ts';
import type { FoundKey } from './find-ssh-keys.ts';
import { type AskingTerminal, askChoice, type Heading } from './prompts.ts';

/** The options of `wwanpi build` that a login stands for, camel case. */
export type LoginOptions =
  | { readonly sshKey: readonly string[] }
  | { readonly password: string; readonly ssh: true }
  | { readonly login: false };

/**
 * Asks how to log in to an image that nobody could log in to.
 * @param user who logs in
 * @throws InterruptedError when the person leaves
 */
export async function askLogin(
  terminal: AskingTerminal,
  keys: readonly FoundKey[],
  user: string,
): Promise<LoginOptions> {
  let former: LoginChoice | undefined;
  for (;;) {
    const heading: Heading = {
      answered: [],
      question: `Nobody can log in to this image. How will you log in, as user ${user}?`,
      canGoBack: false,
    };
    const login = await askChoice(terminal, heading, listLogins(keys), former);
    if (login === BACK) continue;
    if (login.kind === 'nobody') return { login: false };
    if (login.kind === 'key') return { sshKey: [login.path] };
    former = login;
    const password = await askPassword(terminal, {
      ...heading,
      question: 'Which password?',
      canGoBack: true,
    });
    if (password !== BACK) return { password, ssh: true };
  }
}
