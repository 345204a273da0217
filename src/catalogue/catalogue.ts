import type { ReleaseFile } from '../core/model.ts';
import { INTERNATIONAL, nameCountry } from '../formats/country-name.ts';

/** All data of the page, read and checked. */
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
  /** The value of --base. */
  readonly base: string;
  /** The system's name in /etc/os-release. */
  readonly system: string;
  readonly hostname: string | undefined;
  /** The Pis it boots on, for people; none if wwanpi does not know the system. */
  readonly models: readonly string[];
  /** Who logs in and with what, for people: "pi, with an SSH key". */
  readonly login: string;
  /** Size of the raw image. */
  readonly cardBytes: number;
  /** Modification time of its files (SOURCE_DATE_EPOCH); by default the time of its base. */
  readonly epochSeconds: number;
  /** The file to download and flash. */
  readonly main: ReleaseFile;
  /** The other release files. */
  readonly others: readonly ReleaseFile[];
  /** The file that opens this one image in Raspberry Pi Imager. */
  readonly imagerList: string | undefined;
}

/** The carrier of an image. */
export interface CatalogueCarrier {
  /** ISO 3166-1 alpha-2, lower case; `zz` for SIM cards that roam. */
  readonly country: string;
  readonly provider: string;
  readonly plan?: string | undefined;
}

/** The images for one country, by carrier. */
export interface CountryGroup {
  /** Its code, or `other` for images with an APN of no known carrier. */
  readonly key: string;
  readonly name: string;
  readonly images: readonly CatalogueImage[];
}

/** Groups images by country: countries by their English names, other groups last; in each, by carrier, plan and name. */
export function groupByCountry(images: readonly CatalogueImage[]): CountryGroup[] {
  const keys = [...new Set(images.map(countryKey))];
  const groups = keys.map((key) => ({
    key,
    name: nameGroup(key),
    images: images.filter((image) => countryKey(image) === key).toSorted(compareImages),
  }));
  return groups.toSorted((a, b) => getLast(a) - getLast(b) || COLLATOR.compare(a.name, b.name));
}

/** The title of an image: its carrier, or its own name if it has no carrier. */
export function getTitle(image: CatalogueImage): string {
  return image.carrier?.provider ?? image.name;
}

/** Whether the page can put other settings into an image: a .zst has no part that is stored as it is. */
export function isPatchable({ main }: CatalogueImage): boolean {
  return /\.img(\.xz)?$/.test(main.name);
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
