import { createHash } from 'node:crypto';
import { INTERNATIONAL } from '../formats/country-name.ts';
import { type Catalogue, type CatalogueImage, type CountryGroup, groupByCountry } from './catalogue.ts';
import { type Html, html, trustHtml } from './html.ts';
import type { FileLinks } from './links.ts';
import { renderDate, renderImage, renderImagerLink } from './render-image.ts';
import { renderMaker } from './render-maker.ts';
import { renderWriting } from './render-writing.ts';

/** Options of the page. */
export interface PageOptions {
  readonly title: string;
  readonly links: FileLinks;
  /** The version of wwanpi. */
  readonly version: string;
  /** Style sheet and script are part of the page, so it loads no other file. */
  readonly style: string;
  readonly script: string;
}

/**
 * Renders the page. It has no build time and its own order, so that the same release gives the same bytes. Its
 * Content-Security-Policy allows only its own style and script, by hash.
 */
export function renderPage(catalogue: Catalogue, options: PageOptions): string {
  const { title, links, version, style, script } = options;
  const { images } = catalogue;
  const countries = groupByCountry(images);
  const ordered = countries.flatMap((country) => country.images);
  const showBase = new Set(images.map(({ base }) => base)).size > 1;
  const policy = `default-src 'none'; style-src '${hashSource(style)}'; script-src '${hashSource(script)}'; connect-src ${connectSource(links)}; img-src data:; base-uri 'none'; form-action 'none'`;
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="wwanpi ${version}">
<title>${title}</title>
<link rel="icon" href="${ICON}">
<style>${trustHtml(style)}</style>
</head>
<body>
<a class="skip" href="#images">Skip to the images</a>
<header>
<h1>${title}</h1>
<p class="lede">${summarize(images, countries)}. ${renderModels(images)}Write one to a card, plug in the modem, power on: the Pi is online over LTE.</p>
<p class="jumps"><a href="#write">How to write it to a card</a> <a href="#make">For another APN</a>${
    catalogue.imagerList !== undefined && html` ${renderImagerLink(links, catalogue.imagerList)}`
  }</p>
</header>
<main>
<section aria-labelledby="images">
<h2 id="images" class="unseen" tabindex="-1">Images</h2>
<div class="finder" role="search" hidden>
<label for="search">Search</label>
<input id="search" type="search" autocomplete="off" autocapitalize="off" spellcheck="false" placeholder="Carrier, country, APN or base" aria-describedby="count">
<p id="count" role="status">${countImages(images.length)}</p>
</div>
${countries.length > 1 && renderIndex(countries)}${countries.map((country) => renderCountry(country, links, showBase))}
<p id="nothing" hidden>No images match. Try fewer words. <a href="#make">For another APN</a>, put it into any of the images.</p>
</section>
${renderMaker(ordered, links)}
${renderWriting({ ...catalogue, images: ordered }, links)}
</main>
<footer>
<p>Made by wwanpi ${version}.</p>
</footer>
<p id="said" class="unseen" role="status"></p>
<script>${trustHtml(script)}</script>
</body>
</html>
`.text;
}

/** Four signal bars. Without an icon in the page, browsers request one from the server. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="#c31c4a"><path d="M1 11h2.5v4H1zM5 8h2.5v7H5zM9 5h2.5v10H9zM13 1h2.5v14H13z"/></svg>',
)}`;

/** A source expression for an inline text (CSP Level 3, 2.3.1). */
function hashSource(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/**
 * Where the script may fetch from: the place of the images, and nothing else (CSP Level 3, 6.7.2.8). A source with a path
 * that ends in a slash covers what lies below it.
 */
function connectSource({ prefix }: FileLinks): string {
  return /^https?:/.test(prefix)
    ? prefix.replaceAll(';', '%3B').replaceAll(',', '%2C').replaceAll("'", '%27')
    : "'self'";
}

/** More countries than this are folded; otherwise they would fill a phone's screen before the first image. */
const MAX_OPEN_COUNTRIES = 12;

function renderIndex(countries: readonly CountryGroup[]): Html {
  const list = html`<ul>${countries.map(
    ({ key, name, images }) =>
      html`
<li data-country="${key}"><a href="#country-${key}">${name}</a> <span>${images.length}</span></li>`,
  )}
</ul>`;
  const folded = html`<details><summary>All countries</summary>
${list}</details>`;
  return html`<nav aria-label="Countries">${countries.length > MAX_OPEN_COUNTRIES ? folded : list}</nav>
`;
}

function renderCountry({ key, name, images }: CountryGroup, links: FileLinks, showBase: boolean): Html {
  return html`<section class="country" data-country="${key}" aria-labelledby="country-${key}">
<h3 id="country-${key}" tabindex="-1">${name}</h3>
<ul>${images.map((image) => renderImage(image, links, showBase))}
</ul>
</section>
`;
}

/** "24 images for 3 countries, with a base of 11 Jul 2026". */
function summarize(images: readonly CatalogueImage[], countries: readonly CountryGroup[]): Html {
  const real = countries.filter(({ key }) => key !== INTERNATIONAL && key !== 'other').length;
  const places = real === 0 ? '' : real === 1 ? ' for one country' : ` for ${real} countries`;
  const days = new Set(images.map(({ epochSeconds }) => Math.floor(epochSeconds / 86_400)));
  const date = days.size === 1 && html`, with a base of ${renderDate(images[0]?.epochSeconds ?? 0)}`;
  return html`${countImages(images.length)}${places}${date}`;
}

/** What runs on other Pis than the rest says so in its details. */
function renderModels(images: readonly CatalogueImage[]): Html | string {
  const lists = new Set(images.map(({ models }) => models.join(', ')));
  const [list] = lists;
  return lists.size !== 1 || list === undefined || list === ''
    ? ''
    : html`${images.length === 1 ? 'It runs' : 'They run'} on ${list}. `;
}

function countImages(count: number): string {
  return count === 1 ? '1 image' : `${count} images`;
}
