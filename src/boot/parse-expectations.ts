import { InputError } from '../core/errors.ts';
import type { Stack } from '../core/model.ts';
import { parseAllowed } from '../formats/config/firewall-conf.ts';
import { type Dialling, parseProfile } from './parse-profile.ts';

/** What an image is set up to do once a modem is plugged in. */
export interface ImageSetup extends Dialling {
  readonly stack: Stack;
  /** The ports that the image opens to the mobile network, `22/tcp`; undefined where it has no firewall. */
  readonly allowed: readonly string[] | undefined;
  /** The image has a supervisor, which dials again where ifup failed. */
  readonly supervised: boolean;
  /** The image shows on its consoles, and maybe by the LED, whether it is online; undefined where it does not. */
  readonly display: { readonly led: boolean } | undefined;
  /** The image writes a status file on its boot partition. */
  readonly hasStatusFile: boolean;
  /** The services that wait for the image's own packages and scripts; undefined if it has none of those. */
  readonly firstBoot?: { readonly units: readonly string[] } | undefined;
}

/** The texts of the files it is read from; undefined where the image has no such file. */
export interface SetupTexts {
  /** NetworkManager's profile of the modem; with it, the files of ifupdown and qmi-network do not count. */
  readonly connection?: string | undefined;
  /** /etc/network/interfaces.d/wwan0 (interfaces(5)). */
  readonly stanza: string | undefined;
  /** /etc/qmi-network.conf, which overrides the stanza (qmi-network(1)). */
  readonly profile: string | undefined;
  /** /etc/resolv.conf.head, as openresolv reads it. */
  readonly resolvHead: string | undefined;
  /** /etc/wwanpi/ndisdup.conf. */
  readonly ndisdup: string | undefined;
  /** /etc/wwanpi/pin. */
  readonly pin: string | undefined;
  /** /etc/wwanpi/firewall.conf. */
  readonly firewall: string | undefined;
  /** /etc/wwanpi/supervisor.conf. */
  readonly supervisor: string | undefined;
  /** /usr/lib/wwanpi/status, the supervisor's part for consoles and LED. */
  readonly status: string | undefined;
  /** /usr/lib/wwanpi/status-file, which writes wwanpi-status.txt. */
  readonly statusFile: string | undefined;
  /** /etc/systemd/system/wwanpi-first-boot.service.d/own.conf. */
  readonly firstBoot?: string | undefined;
}

/**
 * Reads the set-up from the image's own files.
 * @throws InputError when they name no APN
 */
export function parseExpectations(texts: SetupTexts): ImageSetup {
  const { connection } = texts;
  return {
    ...(connection === undefined
      ? { stack: 'ifupdown', ...parseStanza(texts) }
      : { stack: 'networkmanager', ...parseConnection(connection, texts) }),
    allowed: texts.firewall === undefined ? undefined : parseAllowed(texts.firewall),
    supervised: texts.supervisor !== undefined,
    ...(texts.firstBoot === undefined ? {} : { firstBoot: { units: parseUnitNames(texts.firstBoot) } }),
    display:
      texts.supervisor === undefined || texts.status === undefined
        ? undefined
        : { led: /^LED=\S/m.test(texts.supervisor) },
    hasStatusFile: texts.statusFile !== undefined,
  };
}

/** NetworkManager never gets the PIN of an image of wwanpi's, but its profile may have one. */
function parseConnection(connection: string, { pin }: SetupTexts): Dialling {
  const profile = parseProfile(connection, "NetworkManager's profile of the modem");
  return { ...profile, pin: profile.pin ?? pin?.trim() };
}

/** Addresses of the `nameserver` lines of a resolv.conf(5), in order. */
export function parseNameServers(text: string): string[] {
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map((match) => match[1] ?? '');
}

function parseStanza({ stanza = '', ...texts }: SetupTexts): Dialling {
  const profile = parseAssignments(texts.profile ?? '');
  const apn = profile.get('APN') ?? parseStanzaApn(stanza);
  if (apn === undefined || apn === '') {
    throw new InputError(
      'the image dials no APN: neither its stanza for wwan0 nor qmi-network.conf names one',
    );
  }
  // Kind of authentication and user share the value, see src/formats/config/qmi-network-conf.ts.
  const user = profile.get('APN_USER')?.split("',auth='")[0];
  const metric = /^\s*metric\s+(\d+)\s*$/m.exec(stanza)?.[1];
  const ndisdup = /^\s*AT\^NDISDUP=\d+,1,"([^"]*)"/m.exec(texts.ndisdup ?? '')?.[1];
  return {
    apn,
    credentials: user === undefined ? undefined : { user, password: profile.get('APN_PASS') ?? '' },
    metric: Number(metric ?? 0),
    nameServers: parseNameServers(texts.resolvHead ?? ''),
    ndisdupApn: ndisdup,
    pin: texts.pin?.trim(),
  };
}

/** The units of the `Before=` lines of a unit file (systemd.unit(5)). */
function parseUnitNames(text: string): string[] {
  return [...text.matchAll(/^Before=(.*)$/gm)].flatMap((match) => (match[1] ?? '').match(/\S+/g) ?? []);
}

function parseStanzaApn(stanza: string): string | undefined {
  const word = /^\s*pre-up\b.*?\bAPN=((?:'[^']*'|"[^"]*"|\\.|[^\s'"\\;&|])*)/m.exec(stanza)?.[1];
  return word === undefined ? undefined : unquoteShell(word);
}

function parseAssignments(text: string): Map<string, string> {
  const lines = text.matchAll(/^\s*(?:export\s+)?([A-Z_]+)=(.*?)\s*$/gm);
  return new Map([...lines].map(([, name = '', value = '']) => [name, unquoteShell(value)]));
}

/** The value of one word of shell without expansions. */
function unquoteShell(word: string): string {
  return word.replace(
    /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g,
    (_match, single?: string, double?: string, escaped?: string) =>
      single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? '',
  );
}
