import { basename } from 'node:path';
import { CARD_FILE } from '../formats/card-settings/card-place.ts';
import { CARD_KEYS } from '../formats/card-settings/keys.ts';
import { listOnBoot } from '../formats/config/fstab.ts';
import { toCamel } from '../options/option.ts';
import { sha256Text } from '../tools/files/hash.ts';
import type { SettingChanges } from './read-changes.ts';

/** What a change of wwanpi.txt means for the files that describe the image. */
export interface ReleaseChange extends Pick<SettingChanges, 'values' | 'carrier'> {
  readonly content: Uint8Array;
  /** Size and hash of each changed file, by name. */
  readonly files: ReadonlyMap<string, { readonly sizeBytes: number; readonly sha256: string }>;
  /** SHA-256 of the raw disk after the change. */
  readonly imageSha256: string;
  /** The raw disk's name, as the manifest has it. */
  readonly imageName: string;
}

/** Plain JSON. */
type Json = { [key: string]: unknown };

/** A manifest with the new settings, hashes and name of the image; undefined if the text is none. */
export function editManifest(text: string, change: ReleaseChange): string | undefined {
  return editJson(text, (manifest) => {
    const { image, options, changes } = manifest;
    if (!isObject(image) || !isObject(options) || !Array.isArray(changes)) return false;
    image.sha256 = change.imageSha256;
    image.file = change.imageName;
    manifest.options = editOptions(options, change);
    for (const entry of changes) {
      if (!isObject(entry) || entry.sha256 === undefined) continue;
      if (!listOnBoot(CARD_FILE).includes(String(entry.path))) continue;
      entry.sizeBytes = change.content.length;
      entry.sha256 = sha256Text(change.content);
    }
    return true;
  });
}

/** fleet.json with the new hashes, APN and carrier of one image; undefined if the image is not in it. */
export function editFleetJson(text: string, change: ReleaseChange): string | undefined {
  return editJson(text, ({ entries }) => {
    const [entry, files] = (Array.isArray(entries) ? entries : [])
      .map((each): [Json, Json[]] => [each, isObject(each) && Array.isArray(each.files) ? each.files : []])
      .find(([, each]) => each.some(({ name }) => change.files.has(String(name)))) ?? [undefined, []];
    if (entry === undefined) return false;
    for (const file of files) Object.assign(file, change.files.get(String(file.name)) ?? {});
    const apn = change.values.get('apn');
    if (apn === undefined) return true;
    if (change.carrier !== undefined) {
      const { country, provider, plan } = change.carrier;
      entry.carrier = { country, provider, ...(plan === undefined ? {} : { plan }) };
    } else if (apn !== entry.apn) delete entry.carrier;
    entry.apn = apn;
    return true;
  });
}

/** A list for Raspberry Pi Imager with the new hashes, APN and carrier; undefined if the image is not in it. */
export function editOsList(text: string, change: ReleaseChange): string | undefined {
  return editJson(text, ({ os_list: list }) => {
    const entries = listEntries(list).flatMap((entry) => {
      const file = change.files.get(nameOf(entry.url));
      return file === undefined ? [] : [{ entry, file }];
    });
    for (const { entry, file } of entries) {
      entry.image_download_sha256 = file.sha256;
      entry.image_download_size = file.sizeBytes;
      entry.extract_sha256 = change.imageSha256;
      const apn = change.values.get('apn');
      const old = String(entry.description);
      if (apn === undefined) continue;
      entry.description = old.replace(/(?<=with the APN )\S+$/, () => apn);
      if (change.carrier !== undefined) {
        const { provider, plan } = change.carrier;
        entry.name = plan === undefined ? provider : `${provider}, ${plan}`;
      } else if (entry.description !== old) {
        // As a list has an image without a carrier.
        entry.name = change.imageName.replace(/\.img$/, '');
      }
    }
    return entries.length > 0;
  });
}

function editOptions(options: Json, { values, carrier }: ReleaseChange): Json {
  const edited: Json = { ...options };
  for (const { key, option, secret } of CARD_KEYS) {
    const value = values.get(key);
    if (value === undefined) continue;
    const name = toCamel(option);
    if (key === 'ssh-key') edited.sshKeys = value === '' ? [] : [value];
    else if (value === '') delete edited[name];
    else edited[name] = secret ? '(secret)' : key === 'dns' ? value.split(/[\s,]+/) : value;
  }
  if (values.has('login-password')) delete edited.passwordHash;
  if (carrier !== undefined) edited.carrier = carrier.id;
  else if (values.has('apn') && values.get('apn') !== options.apn) delete edited.carrier;
  return Object.fromEntries(Object.entries(edited).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function listEntries(list: unknown): Json[] {
  if (!Array.isArray(list)) return [];
  return list.filter(isObject).flatMap((entry) => [entry, ...listEntries(entry.subitems)]);
}

/** The file that an address ends in. */
function nameOf(url: unknown): string {
  if (typeof url !== 'string' || !URL.canParse(url)) return '';
  try {
    return decodeURIComponent(basename(new URL(url).pathname));
  } catch {
    return '';
  }
}

/** Changes a JSON text in wwanpi's form; undefined if it is none, or `edit` does not find what it looks for. */
function editJson(text: string, edit: (json: Json) => boolean): string | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isObject(json) && edit(json) ? `${JSON.stringify(json, undefined, 2)}\n` : undefined;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
