import { findSizeFault } from './check-file.ts';
import { all, byId, isServed, showFault } from './dom.ts';
import type { ListedFile } from './receive-image.ts';

/** What the visitor wants an image to be made from. */
export interface Choice {
  readonly file: ListedFile;
  /** Its address on the server. */
  readonly address: string;
  /** The file from the disk; undefined where it comes from the server. */
  readonly chosen: File | undefined;
}

/** The fields of the image to begin with. */
export interface SourceChoice {
  /** The choice; undefined if the file is missing or another one, and then its field has the focus. */
  read(): Choice | undefined;
}

/** A page from a disk cannot read the files beside it (each browser forbids it), so there the visitor chooses the file. */
export function startSourceChoice(onChange: () => void): SourceChoice {
  const select = byId<HTMLSelectElement>('make-image');
  const input = byId<HTMLInputElement>('make-file');
  const [server, disk] = all<HTMLInputElement>('[name="from"]', byId('maker'));
  const update = () => {
    const file = readFile(select);
    byId('make-disk').hidden = disk?.checked !== true;
    byId('make-name').textContent = file.name;
    byId('make-size').textContent = optionOf(select).dataset.size ?? '';
    byId('make-get').setAttribute('href', optionOf(select).dataset.link ?? '');
    const chosen = input.files?.[0];
    showFault(input, chosen === undefined ? undefined : findSizeFault(chosen, file));
    onChange();
  };
  if (!isServed() && server !== undefined && disk !== undefined) {
    disk.checked = true;
    byId('make-from').hidden = true;
  }
  select.addEventListener('change', update);
  for (const radio of [server, disk]) radio?.addEventListener('change', update);
  input.addEventListener('change', () => {
    selectByName(select, input.files?.[0]?.name);
    update();
  });
  for (const link of all('[data-make]')) {
    link.addEventListener('click', () => {
      select.value = link.closest<HTMLElement>('.image')?.dataset.name ?? '';
      update();
    });
  }
  update();
  return {
    read() {
      const file = readFile(select);
      const address = optionOf(select).dataset.link ?? '';
      if (disk?.checked !== true) return { file, address, chosen: undefined };
      const chosen = input.files?.[0];
      const fault =
        chosen === undefined ? `Choose ${file.name}, as you downloaded it.` : findSizeFault(chosen, file);
      showFault(input, fault);
      if (fault !== undefined) input.focus();
      return fault === undefined ? { file, address, chosen } : undefined;
    },
  };
}

function optionOf(select: HTMLSelectElement): HTMLOptionElement {
  const [option] = select.selectedOptions;
  if (option === undefined) throw new Error('no image is chosen');
  return option;
}

function readFile(select: HTMLSelectElement): ListedFile {
  const { file = '', bytes, sha256 = '' } = optionOf(select).dataset;
  return { name: file, sizeBytes: Number(bytes), sha256 };
}

/** A file of another image of the list brings that image. */
function selectByName(select: HTMLSelectElement, name: string | undefined): void {
  const option = [...select.options].find(({ dataset }) => dataset.file === name);
  if (option !== undefined) select.value = option.value;
}
