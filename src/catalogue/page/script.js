// Search, copy buttons, commands for the chosen image. The page has the same contents without the script.
(() => {
  const byId = (id) => document.getElementById(id);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  let saidUntil;
  const say = (text) => {
    byId('said').textContent = text;
    clearTimeout(saidUntil);
    saidUntil = setTimeout(() => {
      byId('said').textContent = '';
    }, 2000);
  };

  // Search: every word must be in an image's line; case and accents do not matter.

  const LETTERS = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ı: 'i' };
  const fold = (text) =>
    text
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .replace(/[ßæœøłđðþı]/g, (letter) => LETTERS[letter]);

  const countries = all('.country').map((element) => {
    const name = element.querySelector('h3').textContent;
    const images = all('.image', element).map((image) => ({
      element: image,
      text: fold(`${name} ${image.dataset.search} ${image.querySelector('.who').textContent}`),
    }));
    const entry = document.querySelector(`nav [data-country="${element.dataset.country}"]`);
    return { element, images, entry };
  });
  const total = countries.reduce((sum, country) => sum + country.images.length, 0);
  const search = byId('search');

  const filter = () => {
    const words = fold(search.value)
      .split(/\s+/)
      .filter((word) => word !== '');
    let found = 0;
    for (const { element, images, entry } of countries) {
      let here = 0;
      for (const image of images) {
        const matches = words.every((word) => image.text.includes(word));
        image.element.hidden = !matches;
        if (matches) here += 1;
      }
      element.hidden = here === 0;
      if (entry !== null) entry.hidden = here === 0;
      found += here;
    }
    const images = total === 1 ? '1 image' : `${total} images`;
    byId('count').textContent = words.length === 0 ? images : `${found} of ${images}`;
    byId('nothing').hidden = found > 0;
  };

  const finder = search.closest('.finder');
  finder.hidden = false;
  search.addEventListener('input', () => {
    filter();
    // If the page is scrolled down, the results would be out of sight above.
    const top = finder.parentElement.offsetTop;
    if (window.scrollY > top) window.scrollTo(0, top);
  });
  search.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    search.value = '';
    filter();
  });
  // A browser that returns to the page restores the old search text.
  window.addEventListener('pageshow', filter);

  // Copying: the clipboard API exists only on HTTPS.

  const copy = async (text) => {
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
  };

  const selectText = (element) => {
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.selectAllChildren(element);
  };

  for (const button of all('.copy')) {
    button.hidden = false;
    button.addEventListener('click', async () => {
      const code = button.parentElement.querySelector('code');
      const copied = await copy(code.textContent);
      button.focus();
      if (!copied) selectText(code);
      button.textContent = copied ? 'Copied' : 'Selected';
      say(copied ? 'Copied' : 'Selected; copy it with your keyboard or menu');
      setTimeout(() => {
        button.textContent = 'Copy';
      }, 2000);
    });
  }

  // Raspberry Pi Imager accepts lists over HTTP, so links to lists are shown if the page came over HTTP.

  if (location.protocol === 'http:' || location.protocol === 'https:') {
    // Quotes are escaped, so that the URL can be quoted in a shell command.
    const absolute = (address) => new URL(address, location.href).href.replaceAll("'", '%27');
    for (const link of all('a[data-imager]')) {
      link.href = `rpi-imager://open?repo=${encodeURIComponent(absolute(link.dataset.imager))}`;
      link.hidden = false;
    }
    for (const command of all('.relative')) {
      const address = command.querySelector('.address');
      address.textContent = absolute(address.textContent);
      command.hidden = false;
    }
  }

  // Commands for the image whose link was followed, or for the chosen one.

  const pick = byId('pick');
  const showCommands = (file) => {
    for (const command of all('[data-suffix]')) {
      command.hidden = !file.endsWith(command.dataset.suffix);
      for (const place of all('.file', command)) place.textContent = file;
    }
  };
  const options = countries.flatMap(({ images }) =>
    images.map(({ element }) => new Option(element.dataset.name, element.dataset.file)),
  );
  pick.append(...options);
  pick.closest('.pick').hidden = options.length < 2;
  pick.addEventListener('change', () => showCommands(pick.value));
  for (const link of all('[data-pick]')) {
    link.addEventListener('click', () => {
      pick.value = link.closest('.image').dataset.file;
      showCommands(pick.value);
    });
  }
  showCommands(pick.value);
})();
