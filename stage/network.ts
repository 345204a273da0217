import type { FileChange } from '../src/core/model.ts';
import { basePackages, DPKG_STATUS, getText } from '../src/formats/config/base-text.ts';
import {
  linesAbout,
  linesThatStopDhcpcd,
  quoteIfupdownShell,
  sourcesInterfacesD,
} from '../src/formats/config/interfaces.ts';
import { getDefaultMetric } from '../src/formats/config/metric.ts';
import { quotePin } from '../src/formats/config/pin.ts';
import { fillPlaceholders } from '../src/formats/config/placeholders.ts';
import { quoteQmiNetwork, quoteQmiUser } from '../src/formats/config/qmi-network-conf.ts';
import { asQuoted, quoteInteger } from '../src/formats/config/quoted.ts';
import { quoteFirewall } from './firewall.ts';
import { removeOld } from './remove-old.ts';
import { fromOverlay, rootFile } from './root-file.ts';
import type { Stage, StageInput } from './stage.ts';

const INTERFACES = '/etc/network/interfaces';
const STANZA = '/etc/network/interfaces.d/wwan0';
const PROFILE = '/etc/qmi-network.conf';
const LOOKOUT = '/etc/systemd/system/wwanpi-stick.service';
const TIMER = '/etc/systemd/system/wwanpi-stick.timer';
const LINK_PORTS = '/usr/lib/wwanpi/link-ports';
const PORTS_RULE = '/etc/udev/rules.d/70-wwanpi-ports.rules';
const DIAL = '/usr/lib/wwanpi/dial';
const ENTER_PIN = '/usr/lib/wwanpi/enter-pin';
const PIN = '/etc/wwanpi/pin';
const TMPFILES = '/etc/tmpfiles.d/wwanpi.conf';
const TIMER_LINK = '/etc/systemd/system/timers.target.wants/wwanpi-stick.timer';

/**
 * wwan0 under ifupdown: the stanza that dials and requests an address, credentials and PIN if needed, stable names for
 * the modem's ports, and a journal line if there is no modem.
 */
export const network: Stage = {
  name: 'network',
  reads: () => [
    ...[INTERFACES, STANZA, PROFILE, LOOKOUT, TIMER, DPKG_STATUS],
    ...[LINK_PORTS, PORTS_RULE, DIAL, TMPFILES, ENTER_PIN, PIN],
  ],
  plan: (input) => {
    const { recipe, files, overlay } = input;
    const file = fromOverlay('network', overlay);
    const stanza = fillPlaceholders(overlay(STANZA), {
      APN: quoteIfupdownShell(recipe.apn),
      METRIC: quoteInteger(recipe.metric ?? getDefaultMetric('ifupdown')),
      FIREWALL: quoteFirewall(recipe, files),
      PIN: asQuoted(recipe.pin === undefined ? '' : `\n\tpre-up ${ENTER_PIN}`),
    });
    const changes = [
      rootFile('network', STANZA, stanza),
      file(DIAL, 0o755),
      file(TMPFILES),
      ...profile(input),
      ...ports(input),
      ...pin(input),
      ...lookout(input),
    ];
    return { changes, faults: getFaults(input) };
  },
};

function ports({ overlay }: StageInput): FileChange[] {
  const file = fromOverlay('network', overlay);
  return [file(LINK_PORTS, 0o755), file(PORTS_RULE)];
}

/** The PIN file, readable only by root. A PIN is only digits, which need no quotes in any syntax. */
function pin({ recipe, files, overlay }: StageInput): FileChange[] {
  if (recipe.pin === undefined) return removeOld('network', [PIN, ENTER_PIN], files);
  const text = fillPlaceholders(overlay(PIN), { PIN: quotePin(recipe.pin) });
  return [
    fromOverlay('network', overlay)(ENTER_PIN, 0o755),
    rootFile('network', PIN, text, { mode: 0o600, secret: true }),
  ];
}

/** Without a modem no other script runs, so a timer reports that it is missing. */
function lookout({ overlay }: StageInput): FileChange[] {
  const file = fromOverlay('network', overlay);
  return [file(LOOKOUT), file(TIMER), { kind: 'symlink', stage: 'network', path: TIMER_LINK, target: TIMER }];
}

/** The profile of qmi-network, only for an APN with a user. It overrides the APN in the environment, so it has the APN, too. */
function profile({ recipe, files, overlay }: StageInput): FileChange[] {
  const { apn, credentials } = recipe;
  // A profile in the base would override the stanza.
  if (credentials === undefined) return removeOld('network', [PROFILE], files);
  const text = fillPlaceholders(overlay(PROFILE), {
    APN: quoteQmiNetwork(apn),
    USER: quoteQmiUser(credentials.user, credentials.auth),
    PASSWORD: quoteQmiNetwork(credentials.password),
  });
  return [rootFile('network', PROFILE, text, { mode: 0o600, secret: true })];
}

function getFaults({ files }: StageInput): string[] {
  const faults: string[] = [];
  const interfaces = getText(files, INTERFACES);
  const installed = basePackages(files);
  for (const [name, purpose] of [
    ['ifupdown', 'brings wwan0 up'],
    ['isc-dhcp-client', 'gets its address'],
  ] as const) {
    if (!installed.has(name)) {
      faults.push(
        `the base lacks ${name}, which ${purpose}; use a Stretch Lite image or --base debian-bookworm`,
      );
    }
  }
  if (interfaces === undefined) {
    faults.push(`the base has no ${INTERFACES}; use a Stretch Lite image or --base debian-bookworm`);
    return faults;
  }
  for (const line of linesThatStopDhcpcd(interfaces)) {
    faults.push(
      `${INTERFACES} has the line "${printable(line)}", for which dhcpcd refuses to run at all; move that interface to a file in /etc/network/interfaces.d`,
    );
  }
  for (const line of linesAbout(interfaces, 'wwan0')) {
    faults.push(`${INTERFACES} configures wwan0 already ("${printable(line)}"); remove it from the base`);
  }
  if (!sourcesInterfacesD(interfaces)) {
    faults.push(
      `${INTERFACES} does not read interfaces.d; add the line "source-directory /etc/network/interfaces.d" to it`,
    );
  }
  return faults;
}

function printable(line: string): string {
  return line
    .trim()
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .slice(0, 120);
}
