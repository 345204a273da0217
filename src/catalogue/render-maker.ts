import type { CardKey } from '../formats/card-settings/keys.ts';
import { formatBytes } from '../formats/units.ts';
import { type CatalogueImage, getTitle, isPatchable } from './catalogue.ts';
import { type Html, html } from './html.ts';
import { type FileLinks, linkTo } from './links.ts';
import { FIELD_KEYS, renderField } from './render-field.ts';
import { renderCopyButton } from './render-image.ts';

/**
 * Renders how to get an image for an APN that none of the list has: the form that makes one in the browser, and how to
 * do it by hand. The form is hidden until the script shows it.
 */
export function renderMaker(images: readonly CatalogueImage[], links: FileLinks): Html {
  const patchable = images.filter(isPatchable);
  return html`
<section id="make" class="stack" aria-labelledby="make-title" tabindex="-1">
<h2 id="make-title">For another APN</h2>
<p>Your carrier is not in the list, or gave you another <abbr title="access point name">APN</abbr>? Each image runs with any carrier once it has the right settings.</p>
${patchable.length > 0 && renderForm(patchable, links)}
<article id="by-hand" class="stack" tabindex="-1">
<h3>By hand, on the card</h3>
<ol><li>Write any of the images to a card.</li><li>Take the card out and put it in again: a small drive appears.</li><li>Open <code>wwanpi.txt</code> on that drive with a text editor, such as Notepad.</li><li>Change the line <code>apn=…</code>, and what else you want to change. Save it.</li><li>Eject the card, put it into the Pi and power on.</li></ol>
<p>Windows may offer to format another drive of the card: say no. If a line is wrong, the Pi keeps its old settings and says which line in <code>wwanpi-status.txt</code>, on the same drive.</p>
</article>
</section>`;
}

function renderForm(images: readonly CatalogueImage[], links: FileLinks): Html {
  return html`<p id="make-needs">The form that makes such an image needs JavaScript and a browser of the last years. Without them, <a href="#by-hand">change the settings by hand</a>.</p>
<form id="maker" class="stack" autocomplete="off" novalidate hidden>
<p>Fill this in, and your browser makes the image. <strong>Nothing that you type leaves this page</strong>, except in the image that you save.</p>
<fieldset class="stack">
<legend>Image</legend>
<div class="field"><label class="name" for="make-image">Begin with</label>
<select id="make-image">${images.map((image) => renderOption(image, links))}</select></div>
<div class="field" id="make-from" role="radiogroup" aria-label="Take it from">
<label class="choice"><input type="radio" name="from" value="server" checked> <span>from this page’s server (<span id="make-size"></span>)</span></label>
<label class="choice"><input type="radio" name="from" value="disk"> <span>from a file that you have downloaded</span></label></div>
<div class="field" id="make-disk" hidden><label class="name" for="make-file">The file <span id="make-name"></span></label>
<input id="make-file" type="file" accept=".xz,.img" aria-describedby="make-file-hint make-file-fault">
<p class="hint" id="make-file-hint">If you do not have it yet, <a id="make-get" download>download it</a>. It stays on this device; its SHA-256 is compared with the list.</p>
<p class="fault" id="make-file-fault" role="status"></p></div>
</fieldset>
<fieldset class="stack">
<legend>Settings</legend>
<div class="fields">
${APN_KEYS.map((key) => renderField(key, true))}</div>
<details><summary>More settings</summary>
<p class="hint">What you leave empty stays as it is in the image.</p>
<div class="fields">
${MORE_KEYS.map((key) => renderField(key, false))}
</div></details>
<label class="choice"><input id="make-show" type="checkbox"> Show passwords and PIN</label>
<p class="hint">Passwords, keys and the PIN are readable in the image that you save: keep that file to yourself. On the Pi, only root can read them.</p>
</fieldset>
<p><button type="submit" class="button" id="make-start">Make the image</button></p>
<p id="make-said" role="status"></p>
<div id="make-progress" class="stack" hidden>
<p><progress id="make-bar" max="1" value="0" aria-label="Progress"></progress><br><span id="make-far" aria-hidden="true"></span></p>
<p><button type="button" class="button" id="make-cancel">Cancel</button></p>
</div>
<div id="make-failed" class="stack" hidden>
<p id="make-why" role="alert"></p>
<p><button type="button" class="button" id="make-retry">Try again</button> or <a href="#by-hand">change the settings by hand</a></p>
</div>
<div id="make-done" class="stack" hidden>
<h3 id="make-ready" tabindex="-1"></h3>
<p><a class="button" id="make-save" download>Save</a></p>
<p class="sum"><abbr title="SHA-256 checksum">SHA-256</abbr> <code id="make-sum"></code> ${renderCopyButton('the SHA-256 of the new image')}</p>
<p>Then <a href="#write">write it to a card</a>. The commands there name it now.</p>
</div>
</form>
`;
}

/** What goes with the APN: it is replaced as a whole. */
const APN_KEYS: readonly CardKey[] = ['apn', 'user', 'password', 'auth'];
const MORE_KEYS = FIELD_KEYS.filter((key) => !APN_KEYS.includes(key));

function renderOption(image: CatalogueImage, links: FileLinks): Html {
  const { name, main, apn } = image;
  const title = getTitle(image);
  const words = title === name ? apn : `${title}, ${apn}`;
  return html`
<option value="${name}" data-file="${main.name}" data-link="${linkTo(links, main.name)}" data-bytes="${main.sizeBytes}" data-size="${formatBytes(main.sizeBytes)}" data-sha256="${main.sha256}">${name} (${words})</option>`;
}
