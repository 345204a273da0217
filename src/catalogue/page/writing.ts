import { all, byId, isServed } from './dom.ts';

/** Raspberry Pi Imager accepts lists over HTTP, so links to lists are shown if the page came over HTTP. */
export function startImagerLinks(): void {
  if (!isServed()) return;
  // Quotes are escaped, so that the URL can be quoted in a shell command.
  const absolute = (address: string) => new URL(address, location.href).href.replaceAll("'", '%27');
  for (const link of all<HTMLAnchorElement>('a[data-imager]')) {
    link.href = `rpi-imager://open?repo=${encodeURIComponent(absolute(link.dataset.imager ?? ''))}`;
    link.hidden = false;
  }
  for (const command of all('.relative')) {
    for (const address of all('.address', command)) {
      address.textContent = absolute(address.textContent ?? '');
    }
    command.hidden = false;
  }
}

/** Commands for the image whose link was followed, or for the chosen one. */
export function startCommands(): void {
  const pick = byId<HTMLSelectElement>('pick');
  const images = all('.image');
  pick.append(...images.map(({ dataset }) => new Option(dataset.name, dataset.file)));
  const box = pick.closest<HTMLElement>('.pick');
  if (box !== null) box.hidden = images.length < 2;
  pick.addEventListener('change', () => showCommands(pick.value));
  for (const link of all('[data-pick]')) {
    link.addEventListener('click', () => {
      pick.value = link.closest<HTMLElement>('.image')?.dataset.file ?? '';
      showCommands(pick.value);
    });
  }
  showCommands(pick.value);
}

/** Has the commands name a file that the visitor made. */
export function offerCommands(file: string): void {
  const pick = byId<HTMLSelectElement>('pick');
  const options = [...pick.options];
  if (!options.some(({ value }) => value === file)) pick.append(new Option(file, file));
  const box = pick.closest<HTMLElement>('.pick');
  if (box !== null) box.hidden = false;
  pick.value = file;
  showCommands(file);
}

function showCommands(file: string): void {
  for (const command of all('[data-suffix]')) {
    command.hidden = !file.endsWith(command.dataset.suffix ?? '');
    for (const place of all('.file', command)) place.textContent = file;
  }
}
