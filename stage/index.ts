import type { Stack } from '../src/core/model.ts';
import { access } from './access.ts';
import { cardSettings } from './card-settings.ts';
import { connection } from './connection.ts';
import { dhcpcd } from './dhcpcd.ts';
import { doctor } from './doctor.ts';
import { firewall } from './firewall.ts';
import { firstBoot } from './first-boot.ts';
import { libqmi } from './libqmi.ts';
import { modeSwitch } from './mode-switch.ts';
import { modemManager } from './modem-manager.ts';
import { neighbours } from './neighbours.ts';
import { network } from './network.ts';
import { nmFirewall } from './nm-firewall.ts';
import { nmWifi } from './nm-wifi.ts';
import { ownFiles } from './own-files.ts';
import { resolv } from './resolv.ts';
import { settings } from './settings.ts';
import type { Stage } from './stage.ts';
import { status } from './status.ts';
import { statusFile } from './status-file.ts';
import { supervisor } from './supervisor.ts';
import { wifi } from './wifi.ts';

/** The stages of a stack, in the order in which plans show them. No two may touch one path. */
export function listStages(stack: Stack): readonly Stage[] {
  return STAGES[stack];
}

const IFUPDOWN: readonly Stage[] = [
  libqmi,
  network,
  firewall,
  resolv,
  dhcpcd,
  firstBoot,
  supervisor,
  status,
  statusFile,
  neighbours,
  doctor,
  access,
  settings,
  wifi,
  cardSettings,
  ownFiles,
];

const NETWORKMANAGER: readonly Stage[] = [
  modemManager,
  connection,
  modeSwitch,
  nmFirewall,
  supervisor,
  status,
  statusFile,
  doctor,
  access,
  settings,
  nmWifi,
  cardSettings,
  ownFiles,
];

const STAGES: Readonly<Record<Stack, readonly Stage[]>> = {
  ifupdown: IFUPDOWN,
  networkmanager: NETWORKMANAGER,
};
