import { all, byId } from './dom.ts';

/** How long "Copied" stays on a button. */
const SAID_MS = 2000;

/** Shows the buttons that copy the `code` beside them, and has them do it. */
export function startCopying(): void {
  for (const button of all<HTMLButtonElement>('.copy')) {
    button.hidden = false;
    button.addEventListener('click', () => void copyBeside(button));
  }
}

async function copyBeside(button: HTMLButtonElement): Promise<void> {
  const code = button.parentElement?.querySelector('code');
  if (!code) return;
  const copied = await copy(code.textContent ?? '');
  button.focus();
  if (!copied) window.getSelection()?.selectAllChildren(code);
  button.textContent = copied ? 'Copied' : 'Selected';
  say(copied ? 'Copied' : 'Selected; copy it with your keyboard or menu');
  setTimeout(() => {
    button.textContent = 'Copy';
  }, SAID_MS);
}

let saidUntil: ReturnType<typeof setTimeout> | undefined;

function say(text: string): void {
  byId('said').textContent = text;
  clearTimeout(saidUntil);
  saidUntil = setTimeout(() => {
    byId('said').textContent = '';
  }, SAID_MS);
}

/** The clipboard API exists only on HTTPS. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.readOnly = true;
    area.className = 'unseen';
    document.body.append(area);
    area.select();
    const copied = document.execCommand('copy');
    area.remove();
    return copied;
  }
}
