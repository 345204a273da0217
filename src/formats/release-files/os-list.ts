import type { Architecture } from '../../core/model.ts';
import { nameCountry } from '../country-name.ts';

/** An image for Raspberry Pi Imager's list. */
export interface OfferedImage {
  readonly name: string;
  readonly description: string;
  /** The carrier's country, ISO 3166-1 alpha-2 in lower case; undefined if only an APN is known. */
  readonly country: string | undefined;
  /** The address of the file to fetch; http:, https: or file:. */
  readonly url: string;
  readonly bmapUrl: string | undefined;
  readonly downloadBytes: number;
  readonly downloadSha256: string;
  /** The size of the decompressed image. */
  readonly extractBytes: number;
  readonly extractSha256: string;
  /** Seconds since 1970; only the day is used. */
  readonly releaseSeconds: number;
  readonly models: readonly PiModel[];
  readonly architecture: Architecture;
  /** Where wwanpi sets everything itself: none. */
  readonly initFormat: InitFormat;
}

/** How Imager passes its user's settings to an image (rpi-imager, doc/os_customisation_formats.md). */
export type InitFormat = 'none' | 'systemd' | 'cloudinit-rpi';

/** Imager's tag for a group of Pis, by the kernels and systems that run on them. */
export type PiModel = (typeof DEVICES)[number]['tags'][number];

/** The Pis of a tag, for people: "Raspberry Pi 1 and Zero". */
export function nameModel(model: PiModel): string {
  return findDevice(model)?.name ?? model;
}

/** Imager shows these for the choice of a Pi, which comes before the choice of a system. */
const DEVICES = [
  {
    name: 'Raspberry Pi 1 and Zero',
    description: 'Models A, B, A+, B+, Zero and Zero W',
    tags: ['pi1-32bit'],
  },
  { name: 'Raspberry Pi 2', description: 'Model B', tags: ['pi2-32bit'] },
  {
    name: 'Raspberry Pi 3 and Zero 2',
    description: 'Models A+, B, B+ and Zero 2 W',
    tags: ['pi3-32bit', 'pi3-64bit'],
  },
  {
    name: 'Raspberry Pi 4',
    description: 'Model B, 400 and Compute Module 4',
    tags: ['pi4-32bit', 'pi4-64bit'],
  },
  {
    name: 'Raspberry Pi 5',
    description: 'Model B, 500 and Compute Module 5',
    tags: ['pi5-32bit', 'pi5-64bit'],
  },
] as const;

function findDevice(model: PiModel): (typeof DEVICES)[number] | undefined {
  return DEVICES.find(({ tags }) => (tags as readonly PiModel[]).includes(model));
}

/** Imager's names of Debian's architectures. */
const ARCHITECTURES = { armhf: 'armhf', arm64: 'armv8' } as const;

/** An icon that is built into Imager, so the list needs no further request. */
const ICON = 'icons/cat_raspberry_pi_os.png';
const COUNTRY_ICON = 'icons/cat_other_general_purpose_operating_systems.png';

/** If there are more images, of several countries, they are listed below their countries. */
const MAX_FLAT = 12;

/**
 * The list of images for Raspberry Pi Imager, `rpi-imager --repo`, App Options → Content Repository, or opened as a
 * .rpi-imager-manifest (rpi-imager, doc/json-schema/os-list-schema.json and src/hwlistmodel.cpp, version 2.0.11).
 */
export function formatOsList(images: readonly OfferedImage[]): string {
  const countries = new Set(images.map(({ country }) => country));
  const isGrouped = images.length > MAX_FLAT && countries.size > 1;
  const offered = new Set(images.flatMap(({ models }) => models));
  const document = {
    imager: { devices: DEVICES.flatMap((device) => describeDevice(device, offered)) },
    os_list: isGrouped ? groupByCountry(images) : images.map(describeImage),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** A device that an image is for, with the tags of such images. A 64-bit system comes first where there is one. */
function describeDevice(device: (typeof DEVICES)[number], offered: ReadonlySet<PiModel>): object[] {
  const tags = device.tags.filter((tag) => offered.has(tag));
  if (tags.length === 0) return [];
  const architecture = tags.some((tag) => tag.endsWith('-64bit')) ? 'arm64' : 'armhf';
  return [{ ...device, tags, matching_type: 'exclusive', architecture: ARCHITECTURES[architecture] }];
}

/** Countries by their English names, then images without a country. */
function groupByCountry(images: readonly OfferedImage[]): object[] {
  const codes = [...new Set(images.flatMap(({ country }) => country ?? []))];
  const groups = codes.map((code) => {
    const own = images.filter(({ country }) => country === code);
    return {
      name: nameCountry(code),
      description: own.length === 1 ? '1 image' : `${own.length} images`,
      icon: COUNTRY_ICON,
      subitems: own.map(describeImage),
    };
  });
  groups.sort((a, b) => (a.name < b.name ? -1 : 1));
  return [...groups, ...images.filter(({ country }) => country === undefined).map(describeImage)];
}

function describeImage(image: OfferedImage): object {
  return {
    name: image.name,
    description: image.description,
    icon: ICON,
    url: image.url,
    bmap_url: image.bmapUrl,
    extract_size: image.extractBytes,
    extract_sha256: image.extractSha256,
    image_download_size: image.downloadBytes,
    image_download_sha256: image.downloadSha256,
    release_date: new Date(image.releaseSeconds * 1000).toISOString().slice(0, 10),
    init_format: image.initFormat,
    architecture: ARCHITECTURES[image.architecture],
    devices: image.models,
  };
}
