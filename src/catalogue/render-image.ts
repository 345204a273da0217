import type { ReleaseFile } from '../core/model.ts';
import { formatBytes } from '../formats/units.ts';
import { type CatalogueImage, getTitle, isPatchable } from './catalogue.ts';
import { type Html, html } from './html.ts';
import { type FileLinks, linkTo, linkToImager } from './links.ts';

/** One image of the list. @param showBase names the base, for a catalogue with several bases */
export function renderImage(image: CatalogueImage, links: FileLinks, showBase: boolean): Html {
  const { name, carrier, apn, base, system, main } = image;
  const title = getTitle(image);
  const plan = carrier?.plan === title ? undefined : carrier?.plan;
  return html`
<li class="image" id="image-${name}" data-name="${name}" data-file="${main.name}" data-search="${[name, carrier?.country, base, system].join(' ')}">
<div class="who">
<h4><bdi>${title}</bdi>${plan !== undefined && html` <bdi class="plan">${plan}</bdi>`}</h4>
<p class="apn"><abbr title="access point name">APN</abbr> <code>${apn}</code></p>
</div>
<p class="facts"><span>${formatBytes(main.sizeBytes)}</span> <span>base of ${renderDate(image.epochSeconds)}</span>${showBase && html` <span>${base}</span>`}</p>
<p class="get"><a class="button" href="${linkTo(links, main.name)}" download>Download<span class="unseen"> ${main.name}</span></a>${
    image.imagerList !== undefined && html` ${renderImagerLink(links, image.imagerList, name)}`
  }</p>
<details>
<summary>Checksum and details<span class="unseen"> of ${name}</span></summary>
<dl>
<div><dt>Image</dt><dd>${name}</dd></div>
<div><dt>System</dt><dd>${system}</dd></div>
<div><dt>Base</dt><dd>${base}, of ${renderDate(image.epochSeconds)}</dd></div>
${image.models.length > 0 && html`<div><dt>Runs on</dt><dd>${image.models.join(', ')}</dd></div>\n`}<div><dt>Who logs in</dt><dd>${image.login}</dd></div>
${image.hostname !== undefined && html`<div><dt>Host name</dt><dd>${image.hostname}</dd></div>\n`}<div><dt>On the card</dt><dd>${formatBytes(image.cardBytes)}</dd></div>
</dl>
<ul class="files">${[main, ...image.others].map((file) => renderFile(file, links))}
</ul>
<p class="how"><a href="#write" data-pick>How to write it to a card</a>${isPatchable(image) && html` <a href="#make" data-make>For another APN</a>`}</p>
</details>
</li>`;
}

/**
 * The link that opens a list in Raspberry Pi Imager. If the URL of the page is not known, the link is hidden until the
 * script completes it.
 */
export function renderImagerLink(links: FileLinks, list: string, name?: string): Html {
  const href = linkToImager(links, list);
  const text =
    name === undefined
      ? html`Open the list in Raspberry Pi Imager`
      : html`Open in Imager<span class="unseen"> (${name})</span>`;
  return href === undefined
    ? html`<a class="imager" data-imager="${linkTo(links, list)}" hidden>${text}</a>`
    : html`<a class="imager" href="${href}">${text}</a>`;
}

/** A button that copies the `code` beside it; hidden without the script. */
export function renderCopyButton(what: string): Html {
  return html`<button type="button" class="copy" aria-label="Copy ${what}" hidden>Copy</button>`;
}

/** The day of a time, in UTC: "11 Jul 2026". */
export function renderDate(epochSeconds: number): Html {
  const iso = new Date(epochSeconds * 1000).toISOString().slice(0, 10);
  const [year, month, day] = iso.split('-').map(Number);
  return html`<time datetime="${iso}">${day} ${MONTHS[(month ?? 1) - 1]} ${year}</time>`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const KINDS: Readonly<Record<ReleaseFile['kind'], string>> = {
  image: 'raw image',
  packed: 'compressed image',
  bmap: 'block map, for bmaptool',
  manifest: 'how it was made',
  sbom: 'software in it (CycloneDX)',
};

function renderFile(file: ReleaseFile, links: FileLinks): Html {
  return html`
<li><a href="${linkTo(links, file.name)}">${file.name}</a> <span class="kind">${formatBytes(file.sizeBytes)}, ${KINDS[file.kind]}</span>
<span class="sum"><abbr title="SHA-256 checksum">SHA-256</abbr> <code>${file.sha256}</code> ${renderCopyButton(`the SHA-256 of ${file.name}`)}</span></li>`;
}
