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
import type { Recipe } from '../src/recipe/recipe.ts';
import { fromOverlay, rootFile } from './root-file.ts';
import type { Stage, StageInput } from './stage.ts';

/** NetworkManager reads it only if it is root's and private (src/core/settings/plugins/keyfile/nms-keyfile-utils.c). */
export const KEYFILE = '/etc/NetworkManager/system-connections/wwanpi.nmconnection';
const CONF = '/etc/NetworkManager/conf.d/wwanpi.conf';
const TMPFILES = '/etc/tmpfiles.d/wwanpi.conf';

/** LTE under NetworkManager: the profile that dials, and the check whether a connection works. */
export const connection: Stage = {
  name: 'connection',
  reads: () => [KEYFILE, CONF, TMPFILES],
  plan: (input) => {
    const file = fromOverlay('connection', input.overlay);
    const { recipe } = input;
    return {
      changes: [profile(input), file(CONF), file(TMPFILES)],
      faults:
        recipe.ndisdup === undefined || recipe.ndisdup === 'off'
          ? []
          : [
              "--ndisdup: ModemManager owns the modem's ports on this base and sends the APN itself; leave the option out",
            ],
      warnings: listIPv6(recipe).map(
        (server) => `--dns ${server} is left out: LTE on this base has IPv4 only, so nobody could ask it`,
      ),
    };
  },
};

function profile({ recipe, overlay }: StageInput): FileChange {
  const { apn, credentials, pin } = recipe;
  const text = fillPlaceholders(overlay(KEYFILE), {
    APN: quoteKeyfile(apn),
    CREDENTIALS:
      credentials === undefined ? asQuoted('') : formatGsmCredentials(credentials.user, credentials.password),
    PIN: asQuoted(pin === undefined ? '' : `\npin=${quotePin(pin)}`),
    METRIC: quoteInteger(recipe.metric ?? getDefaultMetric('networkmanager')),
    SERVERS: formatServers(recipe.dns.filter((server) => !server.includes(':'))),
    METHODS: credentials === undefined ? asQuoted('') : formatAuthMethod(credentials.auth),
  });
  return rootFile('connection', KEYFILE, text, {
    mode: 0o600,
    secret: credentials !== undefined || pin !== undefined,
  });
}

function listIPv6({ dns }: Recipe): string[] {
  return dns.filter((server) => server.includes(':'));
}
