import type { Catalogue, CatalogueImage } from './catalogue.ts';
import { type Html, html } from './html.ts';
import { type FileLinks, linkTo } from './links.ts';
import { renderCopyButton, renderImagerLink } from './render-image.ts';

/**
 * Renders how to write an image to a card with each program, and how to check a download. The commands name the first
 * image; the script replaces it with the chosen one.
 */
export function renderWriting({ images, ...catalogue }: Catalogue, links: FileLinks): Html {
  const compressions = findCompressions(images);
  return html`
<section id="write" aria-labelledby="write-title" tabindex="-1">
<h2 id="write-title">Write it to a card</h2>
<p>All of these write the same bytes. <strong>Everything on the card is lost.</strong></p>
<p class="pick" hidden><label for="pick">Commands for</label> <select id="pick"></select></p>
<div class="ways">
${renderImager(catalogue, links)}
<article>
<h3>balenaEtcher</h3>
${renderEtcher(compressions)}
</article>
<article>
<h3>wwanpi</h3>
<p>On Linux. Never writes to a disk that is in use, and reads back what it wrote. With the image's <code>.bmap</code> in the same folder, it writes only the used blocks. <code>sudo wwanpi flash</code> without arguments lists the drives and asks.</p>
${compressions.map((compression) => renderFlashing('wwanpi flash', compression, ({ file }) => html`sudo wwanpi flash ${file} /dev/sdX`))}
</article>
${images.some(hasBmap) && renderBmaptool(compressions)}
<article>
<h3>dd</h3>
<p>On Linux. <code>lsblk</code> shows which <code>/dev/sdX</code> is the card.</p>
${compressions.map((compression) => renderFlashing('dd', compression, compression.dd))}
</article>
${catalogue.checksums && renderChecking(catalogue, links)}
</div>
<p>Then put the card into the Pi, plug in the LTE modem and power on. The Pi comes online a few minutes after its first start.</p>
<p class="login">Who can log in stands in the details of each image. Key and password are with whoever made it, not on this page. Most carriers let nobody in from outside: log in over Ethernet, Wi-Fi, or with a screen and a keyboard.</p>
</section>`;
}

type Compression = {
  readonly suffix: string;
  /** The image in the command until the visitor chooses another. */
  readonly example: string;
  readonly dd: (command: { file: Html }) => Html;
};

const DD = 'of=/dev/sdX bs=4M conv=fsync status=progress';
/** A read from a pipe can return less than a block. */
const DD_FROM_PIPE = `${DD} iflag=fullblock`;

/** The compressions of the images; usually one for all. */
function findCompressions(images: readonly CatalogueImage[]): Compression[] {
  const kinds: readonly Omit<Compression, 'example'>[] = [
    { suffix: '.img.xz', dd: ({ file }) => html`xz -dc ${file} | sudo dd ${DD_FROM_PIPE}` },
    { suffix: '.img.zst', dd: ({ file }) => html`zstd -dc ${file} | sudo dd ${DD_FROM_PIPE}` },
    { suffix: '.img', dd: ({ file }) => html`sudo dd if=${file} ${DD}` },
  ];
  return kinds.flatMap((kind) => {
    const first = images.find(({ main }) => main.name.endsWith(kind.suffix));
    return first === undefined ? [] : [{ ...kind, example: first.main.name }];
  });
}

/** A command that writes the chosen image; shown for images with this compression. */
function renderFlashing(
  name: string,
  compression: Compression,
  format: (command: { file: Html }) => Html,
): Html {
  const file = html`<span class="file">${compression.example}</span>`;
  return renderCommand(name, format({ file }), compression.suffix);
}

function renderCommand(name: string, command: Html | string, suffix?: string): Html {
  return html`
<div class="command"${suffix !== undefined && html` data-suffix="${suffix}"`}><pre><code>${command}</code></pre>${renderCopyButton(`the ${name} command`)}</div>`;
}

function renderImager({ imagerList }: Pick<Catalogue, 'imagerList'>, links: FileLinks): Html {
  return html`<article>
<h3>Raspberry Pi Imager</h3>
${
  imagerList !== undefined &&
  html`<p>Imager can show these images in its own list (version 2.0.3 or later opens it from here and asks first; if nothing happens, download <a href="${linkTo(links, imagerList)}" download>the list</a> and open that file):</p>
<p>${renderImagerLink(links, imagerList)}</p>
${renderImagerCommand(linkTo(links, imagerList))}
<p>Or use a file:</p>`
}<ol><li>Download the image.</li><li>Where Imager asks for the system, choose “Use custom” and that file.</li><li>Skip its own customisation: the image has its settings.</li></ol>
</article>`;
}

/** The command needs the full URL of the list; if the page does not know it, the script completes it. */
function renderImagerCommand(address: string): Html {
  const command = html`rpi-imager --repo '<span class="address">${address}</span>'`;
  return html`<div${!/^https?:/.test(address) && html` class="relative" hidden`}>${renderCommand('rpi-imager', command)}
</div>`;
}

function renderEtcher(compressions: readonly Compression[]): Html {
  if (compressions.some(({ suffix }) => suffix !== '.img.zst')) {
    return html`<ol><li>Download the image; do not decompress it.</li><li>“Flash from file”, then that file.</li><li>“Select target”, then the card. “Flash!”</li></ol>`;
  }
  return html`<p>balenaEtcher cannot read <code>.zst</code>: decompress the image first with <code>zstd -d</code>.</p>`;
}

function renderBmaptool(compressions: readonly Compression[]): Html {
  return html`<article>
<h3>bmaptool</h3>
<p>On Linux. Writes only the used blocks and checks them; download the image's <code>.bmap</code> into the same folder.</p>
${compressions.map((compression) => renderFlashing('bmaptool', compression, ({ file }) => html`sudo bmaptool copy ${file} /dev/sdX`))}
</article>`;
}

function renderChecking({ signatures }: Pick<Catalogue, 'signatures'>, links: FileLinks): Html {
  return html`<article>
<h3>Check the download</h3>
<p>With <a href="${linkTo(links, 'SHA256SUMS')}" download>SHA256SUMS</a>${signatures.map((name) => html` and <a href="${linkTo(links, name)}" download>${name}</a>`)} in the same folder:</p>
${renderCommand('sha256sum', 'sha256sum --check --ignore-missing SHA256SUMS')}${signatures.map((name) => renderCommand('signature', verifyCommand(name)))}
</article>`;
}

/** The command that checks a signature. Users get the public key by another way than the release. */
function verifyCommand(name: string): string {
  return name.endsWith('.minisig')
    ? 'minisign -Vm SHA256SUMS -p minisign.pub'
    : `gpg --verify ${name} SHA256SUMS`;
}

function hasBmap({ others }: CatalogueImage): boolean {
  return others.some(({ kind }) => kind === 'bmap');
}
