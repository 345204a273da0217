import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { listRequiredFiles, planChanges } from '../../../src/customise/plan-changes.ts';
import { DPKG_STATUS } from '../../../src/formats/config/base-text.ts';
import { formatTreeDiff } from '../../../src/formats/tree-diff.ts';
import { access } from '../../../stage/access.ts';
import { cardSettings } from '../../../stage/card-settings.ts';
import { connection } from '../../../stage/connection.ts';
import { dhcpcd } from '../../../stage/dhcpcd.ts';
import { doctor } from '../../../stage/doctor.ts';
import { firewall } from '../../../stage/firewall.ts';
import { firstBoot } from '../../../stage/first-boot.ts';
import { listStages } from '../../../stage/index.ts';
import { libqmi } from '../../../stage/libqmi.ts';
import { modeSwitch } from '../../../stage/mode-switch.ts';
import { modemManager } from '../../../stage/modem-manager.ts';
import { neighbours } from '../../../stage/neighbours.ts';
import { network } from '../../../stage/network.ts';
import { nmFirewall } from '../../../stage/nm-firewall.ts';
import { nmWifi } from '../../../stage/nm-wifi.ts';
import { ownFiles } from '../../../stage/own-files.ts';
import { resolv } from '../../../stage/resolv.ts';
import { settings } from '../../../stage/settings.ts';
import type { Stage } from '../../../stage/stage.ts';
import { status } from '../../../stage/status.ts';
import { statusFile } from '../../../stage/status-file.ts';
import { supervisor } from '../../../stage/supervisor.ts';
import { wifi } from '../../../stage/wifi.ts';
import { OWN_FILES, OWN_PLACES } from '../../helpers/own-files.ts';
import { BASE_STATUS, samplePackages, stockPackages } from '../../helpers/packages.ts';
import { recipeOf, SSH_KEY } from '../../helpers/recipes.ts';
import { baseFile, stretchFacts, stretchFiles } from '../../helpers/stretch-files.ts';
import { trixieFacts, trixieFiles } from '../../helpers/trixie-files.ts';

/** One golden file per stage and kind of recipe: test/golden/NAME.txt. UPDATE_GOLDEN=1 rewrites them. */
const cases: readonly [name: string, stage: Stage, options: Record<string, unknown>][] = [
  ['libqmi', libqmi, {}],
  ['network', network, {}],
  ['network-credentials', network, { apnUser: 'user', apnPassword: 'Secret#1' }],
  ['network-pin', network, { pin: '0472' }],
  ['firewall', firewall, { wwanAllow: ['ssh', '5000/udp'] }],
  ['supervisor', supervisor, {}],
  [
    'supervisor-settings',
    supervisor,
    { supervisorInterval: 5, supervisorDeadAfter: 20, supervisorReboot: 60, probe: ['9.9.9.9'], led: 'off' },
  ],
  ['status', status, {}],
  ['status-file', statusFile, {}],
  ['status-file-timer', statusFile, { supervisor: 'off' }],
  ['neighbours', neighbours, {}],
  ['doctor', doctor, {}],
  ['resolv', resolv, {}],
  ['resolv-own', resolv, { dns: ['9.9.9.9', '2620:fe::fe'] }],
  ['dhcpcd', dhcpcd, {}],
  ['first-boot', firstBoot, {}],
  ['first-boot-every-boot', firstBoot, { ndisdup: 'every-boot', apnUser: 'user', apnPassword: 'Secret#1' }],
  ['access', access, { sshKey: [SSH_KEY], hostname: 'lte-7', passwordHash: `$6$salt$${'a'.repeat(86)}` }],
  ['access-key', access, { sshKey: [SSH_KEY] }],
  ['access-user', access, { user: 'anna', sshKey: [SSH_KEY] }],
  ['settings', settings, { timezone: 'Europe/Berlin', locale: 'de_DE.UTF-8', keyboard: 'de' }],
  ['card-settings', cardSettings, { apnUser: 'user', apnPassword: 'Secret#1', pin: '0472' }],
  ['own-files', ownFiles, {}],
  ['wifi', wifi, { wifiSsid: 'home', wifiPsk: 'Secret#1', wifiCountry: 'us' }],
];

/** The same for the stack of NetworkManager: test/golden/networkmanager/NAME.txt. */
const nmCases: typeof cases = [
  ['modem-manager', modemManager, {}],
  ['connection', connection, {}],
  [
    'connection-all',
    connection,
    { apnUser: 'user', apnPassword: 'Secret#1', pin: '0472', metric: 50, dns: ['9.9.9.9', '2620:fe::fe'] },
  ],
  ['connection-pap', connection, { apnUser: 'user', apnAuth: 'pap', dns: ['none'] }],
  ['mode-switch', modeSwitch, {}],
  ['firewall', nmFirewall, { wwanAllow: ['ssh', '5000/udp'] }],
  ['supervisor', supervisor, {}],
  ['status', status, {}],
  ['status-file', statusFile, {}],
  ['doctor', doctor, {}],
  ['access', access, { sshKey: [SSH_KEY], hostname: 'lte-7', passwordHash: `$6$salt$${'a'.repeat(86)}` }],
  ['access-key', access, { sshKey: [SSH_KEY] }],
  ['access-user', access, { user: 'anna', sshKey: [SSH_KEY] }],
  ['access-nobody', access, {}],
  ['settings', settings, { timezone: 'Europe/Berlin' }],
  ['wifi', nmWifi, { wifiSsid: 'home', wifiPsk: 'Secret#1', wifiCountry: 'us' }],
  ['card-settings', cardSettings, { apnUser: 'user', apnPassword: 'Secret#1', pin: '0472' }],
  ['own-files', ownFiles, {}],
];

const ARM64_FILES = {
  ...OWN_FILES,
  packages: OWN_FILES.packages.map((each) => ({
    ...each,
    architecture: 'arm64' as const,
    fileName: each.fileName.replace('armhf', 'arm64'),
  })),
};

for (const [name, stage, options] of nmCases) {
  test(`golden: networkmanager, ${name}`, async () => {
    const recipe = { ...recipeOf(options), ...(stage === ownFiles ? { own: ARM64_FILES } : {}) };
    const files = trixieFiles(listRequiredFiles(recipe, [stage], stockPackages));
    const facts = { ...trixieFacts, places: OWN_PLACES };
    const { changes } = planChanges(recipe, facts, files, stockPackages, [stage]);
    const text = formatTreeDiff(changes, files);
    assert.doesNotMatch(text, /Secret#1|aaaaaaaa|0472/);
    await compareGolden(`networkmanager/${name}`, text);
  });
}

test('each stage of both stacks has a golden file', () => {
  const has = (all: typeof cases) => new Set(all.map(([, stage]) => stage));
  assert.deepEqual(has(cases), new Set(listStages('ifupdown')));
  assert.deepEqual(has(nmCases), new Set(listStages('networkmanager')));
});

async function compareGolden(name: string, text: string): Promise<void> {
  const golden = new URL(`../../golden/${name}.txt`, import.meta.url);
  if (process.env.UPDATE_GOLDEN === '1') await writeFile(golden, text);
  assert.equal(text, await readFile(golden, 'utf8'));
}

for (const [name, stage, options] of cases) {
  test(`golden: ${name}`, async () => {
    const recipe = { ...recipeOf(options), ...(stage === ownFiles ? { own: OWN_FILES } : {}) };
    const status = stage === libqmi ? { [DPKG_STATUS]: baseFile(BASE_STATUS) } : {};
    const files = stretchFiles(listRequiredFiles(recipe, [stage]), status);
    const facts = { ...stretchFacts, places: OWN_PLACES };
    const { changes } = planChanges(recipe, facts, files, samplePackages, [stage]);
    const text = formatTreeDiff(changes, files);
    assert.doesNotMatch(text, /Secret#1|aaaaaaaa|0472/);
    await compareGolden(name, text);
  });
}
