import { OptionsError } from '../formats/issues.ts';
import { type Carrier, isInternet, isOffered, toSlug } from './carrier.ts';
import { formatChoices } from './format-choices.ts';
import { groupBy } from './group-by.ts';
import { byRank } from './recommend-apn.ts';
import { findCarrierCountry } from './search-carriers.ts';
import { suggestCarriers } from './suggest-carriers.ts';

/** Where a user finds the APN of a carrier that wwanpi does not know. */
export const WHERE_TO_FIND_AN_APN =
  "--apn takes any APN: the SIM card's letter and the settings of a phone with such a card name it";

/**
 * Finds the APN that `ref` names: `us/metropcs`; `metropcs` if only one country has it; `uk/ee` and `germany/o2`, too;
 * or with a third part (an APN, a plan or the end of an id) `us/t-mobile/epc.tmobile.com`. Without a third part it is
 * the recommended one. An APN that is not for internet access must be named.
 * @param apn the user's --apn, if given: it selects one of the carrier's APNs
 * @throws OptionsError when no carrier matches, several do (the error lists them), or it has closed
 */
export function findCarrier(carriers: readonly Carrier[], ref: string, apn?: string): Carrier {
  const { country, provider, pick } = parseRef(carriers, ref);
  const inCountry = carriers.filter((row) => country === undefined || row.country === country);
  const rows = findRows(inCountry, provider);
  if (rows.length === 0) throw unknownCarrier(carriers, ref, provider, country);
  const open = rows.filter(({ gone }) => gone === undefined);
  if (open.length === 0) throw goneCarrier(rows, ref);
  const picked = pick === '' ? pickInternet(open, apn) : open.filter((row) => answersTo(row, pick));
  const exact = picked.find(({ id }) => id === [country, provider, pick].join('/'));
  const [only] = exact === undefined ? picked : [exact];
  if (only !== undefined && (exact !== undefined || picked.length === 1)) return only;
  const choices = (picked.length > 0 ? picked : open).toSorted(byRank);
  throw ambiguous(choices, ref, picked.length > 0);
}

interface CarrierRef {
  /** Two letters, if the reference names a country that has carriers. */
  readonly country: string | undefined;
  readonly provider: string;
  /** The third part; empty if there is none. */
  readonly pick: string;
}

function parseRef(carriers: readonly Carrier[], ref: string): CarrierRef {
  const [first = '', second, ...rest] = ref.trim().toLowerCase().split('/');
  const known = second === undefined ? undefined : findCarrierCountry(carriers, first);
  const country = known ?? (second !== undefined && /^[a-z]{2}$/.test(first) ? first : undefined);
  const parts = country === undefined ? [first, second, ...rest] : [second, ...rest];
  const [provider = '', ...pick] = parts.filter((part) => part !== undefined);
  return { country, provider: toSlug(provider), pick: pick.join('/') };
}

/** The carriers of that name; or of that other name; or of that name without hyphens. */
function findRows(rows: readonly Carrier[], slug: string): Carrier[] {
  const plain = (text: string): string => text.replaceAll('-', '');
  const ways: ((row: Carrier) => boolean)[] = [
    ({ slugs }) => slugs[0] === slug,
    ({ slugs }) => slugs.includes(slug),
    ({ slugs }) => slug !== '' && slugs.some((known) => plain(known) === plain(slug)),
  ];
  for (const isNamed of ways) {
    const found = rows.filter(isNamed);
    if (found.length > 0) return found;
  }
  return [];
}

/** The APN that is recommended for each carrier found; or all that are for internet access, if none is. */
function pickInternet(rows: readonly Carrier[], apn: string | undefined): Carrier[] {
  const internet = rows.filter(isInternet);
  const wanted = internet.filter((row) => row.apn === apn);
  if (wanted.length > 0) return wanted;
  return [...groupBy(internet, ({ carrierId }) => carrierId).values()].flatMap((own) => {
    const recommended = own.filter((row) => row.recommended);
    return recommended.length > 0 ? recommended : own;
  });
}

/** Whether the third part of a reference matches this row. */
function answersTo(row: Carrier, pick: string): boolean {
  const end = row.id.slice(row.carrierId.length + 1);
  return (
    end === pick ||
    row.apn.toLowerCase() === pick ||
    (row.plan !== undefined && toSlug(row.plan) === toSlug(pick))
  );
}

function ambiguous(choices: readonly Carrier[], ref: string, isFound: boolean): OptionsError {
  const message = isFound ? 'is ambiguous' : 'has no such internet APN';
  const hint = `it could be:\n${formatChoices(choices)}`;
  return new OptionsError([{ option: 'carrier', value: ref, message, hint }], {
    hint: `name one in full: --carrier ${choices[0]?.id}`,
  });
}

function goneCarrier([row]: readonly Carrier[], ref: string): OptionsError {
  const message = `is no longer a carrier: ${row?.provider} ${row?.gone}`;
  return new OptionsError([{ option: 'carrier', value: ref, message }], {
    hint: `wwanpi carriers --country ${row?.country} lists those of ${row?.countryName}; --apn takes any APN`,
  });
}

function unknownCarrier(
  carriers: readonly Carrier[],
  ref: string,
  provider: string,
  country: string | undefined,
): OptionsError {
  const near = suggestCarriers(carriers.filter(isOffered), provider, country);
  const hint = near.length === 0 ? undefined : `did you mean:\n${formatChoices(near)}`;
  const list = `wwanpi carriers${country === undefined ? '' : ` --country ${country}`} lists them`;
  return new OptionsError([{ option: 'carrier', value: ref, message: 'is not a known carrier', hint }], {
    hint: `${list}; ${WHERE_TO_FIND_AN_APN}`,
  });
}
