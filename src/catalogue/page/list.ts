import { all, byId, textOf } from './dom.ts';

interface Country {
  readonly element: HTMLElement;
  /** Its link in the list of countries. */
  readonly entry: HTMLElement | null;
  readonly images: readonly { readonly element: HTMLElement; readonly text: string }[];
}

/** Search: every word must be in an image's line; case and accents do not matter. */
export function startSearch(): void {
  const countries = all('.country').map(readCountry);
  const search = byId<HTMLInputElement>('search');
  const finder = search.closest<HTMLElement>('.finder');
  const filter = () => filterImages(countries, search.value);
  if (finder !== null) finder.hidden = false;
  search.addEventListener('input', () => {
    filter();
    // If the page is scrolled down, the results would be out of sight above.
    const top = finder?.parentElement?.offsetTop ?? 0;
    if (window.scrollY > top) window.scrollTo(0, top);
  });
  search.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    search.value = '';
    filter();
  });
  // A browser that returns to the page restores the old search text.
  window.addEventListener('pageshow', filter);
}

function readCountry(element: HTMLElement): Country {
  const name = textOf(element, 'h3');
  return {
    element,
    entry: document.querySelector<HTMLElement>(`nav [data-country="${element.dataset.country}"]`),
    images: all('.image', element).map((image) => ({
      element: image,
      text: fold(`${name} ${image.dataset.search} ${textOf(image, '.who')}`),
    })),
  };
}

function filterImages(countries: readonly Country[], text: string): void {
  const words = fold(text)
    .split(/\s+/)
    .filter((word) => word !== '');
  let found = 0;
  let total = 0;
  for (const { element, images, entry } of countries) {
    const here = images.filter((image) => words.every((word) => image.text.includes(word)));
    for (const image of images) image.element.hidden = !here.includes(image);
    element.hidden = here.length === 0;
    if (entry !== null) entry.hidden = here.length === 0;
    found += here.length;
    total += images.length;
  }
  const images = total === 1 ? '1 image' : `${total} images`;
  byId('count').textContent = words.length === 0 ? images : `${found} of ${images}`;
  byId('nothing').hidden = found > 0;
}

const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
};

function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[ßæœøłđðþı]/g, (letter) => LETTERS[letter] ?? letter);
}
