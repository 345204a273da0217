import type { ReleaseFile } from '../core/model.ts';
import { INTERNATIONAL, nameCountry } from '../formats/country-name.ts';

/** Everything the page tells of: plain data that was read and checked, nothing left to look up. */
export interface Catalogue {
  readonly images: readonly CatalogueImage[];
  /** Whether the folder has a SHA256SUMS. */
  readonly checksums: boolean;
  /** Signatures of SHA256SUMS, by file name. */
  readonly signatures: readonly string[];
  /** The list of all images for Raspberry Pi Imager, by file name. */
  readonly imagerList: string | undefined;
}

/** One finished image. */
export interface CatalogueImage {
  readonly name: string;
  readonly carrier: CatalogueCarrier | undefined;
  readonly apn: string;
  /** As --base named it. */
  readonly base: string;
  /** What its /etc/os-release calls the system. */
  readonly system: string;
  readonly hostname: string | undefined;
  /** Of the raw image, packed or not. */
  readonly cardBytes: number;
  /** The time its files have (SOURCE_DATE_EPOCH). */
  readonly epochSeconds: number;
  /** What people download and flash. */
  readonly main: ReleaseFile;
  /** All others. */
  readonly others: readonly ReleaseFile[];
  /** The file that opens this one image in Raspberry Pi Imager. */
  readonly imagerList: string | undefined;
}

/** Whom an image is for. */
export interface CatalogueCarrier {
  /** ISO 3166-1 alpha-2, lower case; `zz` for SIM cards that roam. */
  readonly country: string;
  readonly provider: string;
  readonly plan?: string | undefined;
}

/** The images for one country, by carrier. */
export interface CountryGroup {
  /** Its code, or `other` for images whose APN no list has. */
  readonly key: string;
  readonly name: string;
  readonly images: readonly CatalogueImage[];
}

/** The countries by their English names, those that are no country last; in each, the images by carrier, plan and name. */
export function groupByCountry(images: readonly CatalogueImage[]): CountryGroup[] {
  const keys = [...new Set(images.map(countryKey))];
  const groups = keys.map((key) => ({
    key,
    name: nameGroup(key),
    images: images.filter((image) => countryKey(image) === key).toSorted(compareImages),
  }));
  return groups.toSorted((a, b) => getLast(a) - getLast(b) || COLLATOR.compare(a.name, b.name));
}

/** What an image is called: by its carrier, or by its own name where it is for none. */
export function getTitle(image: CatalogueImage): string {
  return image.carrier?.provider ?? image.name;
}

const COLLATOR = new Intl.Collator('en', { numeric: true });

function countryKey({ carrier }: CatalogueImage): string {
  return carrier?.country ?? 'other';
}

function nameGroup(key: string): string {
  return key === 'other' ? 'Other APNs' : nameCountry(key);
}

function getLast({ key }: CountryGroup): number {
  return key === 'other' ? 2 : key === INTERNATIONAL ? 1 : 0;
}

function compareImages(a: CatalogueImage, b: CatalogueImage): number {
  return (
    COLLATOR.compare(getTitle(a), getTitle(b)) ||
    COLLATOR.compare(a.carrier?.plan ?? '', b.carrier?.plan ?? '') ||
    COLLATOR.compare(a.name, b.name)
  );
}
