import { formatBytes } from '../../formats/units.ts';
import { byId } from './dom.ts';
import { type MadeImage, makeImage, type Source } from './make-image.ts';
import { PageError } from './page-error.ts';
import { Reception } from './receive-image.ts';
import { startSettings } from './settings.ts';
import { type Choice, startSourceChoice } from './source-choice.ts';
import { offerCommands } from './writing.ts';

/** Shows the form that makes an image for another APN, and has it work; a page without such images has no form. */
export function startMaker(): void {
  if (document.getElementById('maker') === null) return;
  const form = byId<HTMLFormElement>('maker');
  const getSource = keepReception();
  let running: AbortController | undefined;
  // What was made has the settings of before; what is being made goes on with them.
  const onChange = () => {
    if (running === undefined) show('idle');
  };
  const choice = startSourceChoice(onChange);
  const settings = startSettings(onChange);

  const start = async () => {
    const changes = settings.read();
    const chosen = changes && choice.read();
    if (changes === undefined || chosen === undefined || running !== undefined) return;
    running = new AbortController();
    const { signal } = running;
    show('running');
    byId('make-cancel').focus();
    try {
      const onProgress = (doneBytes: number) => showProgress(doneBytes, chosen.file.sizeBytes);
      const made = await makeImage(chosen.file, getSource(chosen), changes, {
        signal,
        onStep: say,
        onProgress,
      });
      showMade(made);
    } catch (error) {
      if (signal.aborted) showCancelled();
      else showFailure(error);
    } finally {
      running = undefined;
    }
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void start();
  });
  byId('make-retry').addEventListener('click', () => void start());
  byId('make-cancel').addEventListener('click', () => running?.abort());
  byId('make-needs').hidden = true;
  form.hidden = false;
}

/** What was received stays: a second APN, and a second try, take no second download. The disk's file is read again. */
function keepReception(): (choice: Choice) => Source {
  let kept: { readonly name: string; readonly reception: Reception } | undefined;
  return ({ file, address, chosen }) => {
    if (chosen !== undefined) return { chosen };
    if (kept?.name !== file.name) kept = { name: file.name, reception: new Reception(file, address) };
    return { reception: kept.reception };
  };
}

/** The parts that stand below the form, and when. */
function show(state: 'idle' | 'running' | 'failed' | 'done'): void {
  byId('make-progress').hidden = state !== 'running';
  byId('make-failed').hidden = state !== 'failed';
  byId('make-done').hidden = state !== 'done';
  byId<HTMLButtonElement>('make-start').disabled = state === 'running';
  if (state === 'running') byId<HTMLProgressElement>('make-bar').value = 0;
  else say('');
}

/** A step, once, for everybody; how far it is stands beside the bar, and is not read aloud. */
function say(text: string): void {
  byId('make-said').textContent = text;
  byId('make-far').textContent = '';
}

function showProgress(doneBytes: number, sizeBytes: number): void {
  byId<HTMLProgressElement>('make-bar').value = Math.min(1, doneBytes / sizeBytes);
  byId('make-far').textContent = `${formatBytes(doneBytes)} of ${formatBytes(sizeBytes)}`;
}

function showCancelled(): void {
  show('idle');
  say('Cancelled.');
  byId('make-start').focus();
}

function showFailure(error: unknown): void {
  show('failed');
  byId('make-why').textContent =
    error instanceof PageError ? error.message : `The page has a fault: ${String(error)}`;
  byId('make-retry').focus();
}

function showMade({ name, blob, sha256 }: MadeImage): void {
  show('done');
  const link = byId<HTMLAnchorElement>('make-save');
  if (link.href !== '') URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.textContent = `Save ${name}`;
  byId('make-ready').textContent = `The image is ready: ${formatBytes(blob.size)}`;
  byId('make-sum').textContent = sha256;
  offerCommands(name);
  byId('make-ready').focus();
}
