import { isIPv4 } from 'node:net';
import type { FileChange } from '../src/core/model.ts';
import {
  formatAuthMethod,
  formatGsmCredentials,
  formatServers,
  quoteKeyfile,
} from '../src/formats/config/keyfile.ts';
import { getDefaultMetric } from '../src/formats/config/metric.ts';
import { quotePin } from '../src/formats/config/pin.ts';
import { fillPlaceholders } from '../src/formats/config/placeholders.ts';
import { asQuoted, quoteInteger } from '../src/formats/config/quoted.ts';
import { removeOld } from './remove-old.ts';
import { fromOverlay, rootFile } from './root-file.ts';
import type { Stage, StageInput } from './stage.ts';

/** NetworkManager reads it only if it is root's and private (src/core/settings/plugins/keyfile/nms-keyfile-utils.c). */
export const KEYFILE = '/etc/NetworkManager/system-connections/wwanpi.nmconnection';
const CONF = '/etc/NetworkManager/conf.d/wwanpi.conf';
/** The SIM's PIN, and what enters it: wwanpi.txt may bring one later. */
export const PIN = '/etc/wwanpi/pin';
const ENTER_PIN = '/usr/lib/wwanpi/enter-pin';
const PIN_UNIT = '/etc/systemd/system/wwanpi-pin.service';
const PIN_RULE = '/etc/udev/rules.d/70-wwanpi-pin.rules';
const TMPFILES = '/etc/tmpfiles.d/wwanpi.conf';

/** LTE under NetworkManager: the profile that dials, and the check whether a connection works. */
export const connection: Stage = {
  name: 'connection',
  reads: () => [KEYFILE, CONF, TMPFILES, PIN, ENTER_PIN, PIN_UNIT, PIN_RULE],
  plan: (input) => {
    const file = fromOverlay('connection', input.overlay);
    const { recipe } = input;
    return {
      changes: [profile(input), file(CONF), file(TMPFILES), ...pin(input)],
      faults:
        recipe.ndisdup === undefined || recipe.ndisdup === 'off'
          ? []
          : [
              "--ndisdup: ModemManager owns the modem's ports on this base and sends the APN itself; leave the option out",
            ],
      warnings: recipe.dns
        .filter((server) => !isIPv4(server))
        .map(
          (server) => `--dns ${server} is left out: LTE on this base has IPv4 only, so nobody could ask it`,
        ),
    };
  },
};

function profile({ recipe, overlay }: StageInput): FileChange {
  const { apn, credentials } = recipe;
  const text = fillPlaceholders(overlay(KEYFILE), {
    APN: quoteKeyfile(apn),
    CREDENTIALS:
      credentials === undefined ? asQuoted('') : formatGsmCredentials(credentials.user, credentials.password),
    METRIC: quoteInteger(recipe.metric ?? getDefaultMetric('networkmanager')),
    SERVERS: formatServers(recipe.dns.filter(isIPv4)),
    METHODS: credentials === undefined ? asQuoted('') : formatAuthMethod(credentials.auth),
  });
  return rootFile('connection', KEYFILE, text, { mode: 0o600, secret: credentials !== undefined });
}

/**
 * NetworkManager never gets the PIN: it would send a wrong one again at each of its starts, and the third locks the SIM
 * (src/core/devices/wwan/nm-modem-broadband.c, CONNECT_STEP_UNLOCK). It waits until the SIM is unlocked, and then dials.
 */
function pin({ recipe, files, overlay }: StageInput): FileChange[] {
  const file = fromOverlay('connection', overlay);
  const always = [file(ENTER_PIN, 0o755), file(PIN_UNIT), file(PIN_RULE)];
  if (recipe.pin === undefined) return [...always, ...removeOld('connection', [PIN], files)];
  const text = fillPlaceholders(overlay(PIN), { PIN: quotePin(recipe.pin) });
  return [...always, rootFile('connection', PIN, text, { mode: 0o600, secret: true })];
}
