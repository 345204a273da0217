import type { FileChange } from '../src/core/model.ts';
import { fillPlaceholders } from '../src/formats/config/placeholders.ts';
import { quoteInteger } from '../src/formats/config/quoted.ts';
import { quoteUnitNames } from '../src/formats/config/unit-names.ts';
import type { OwnFiles } from '../src/recipe/own-files.ts';
import { ownFile, planTree } from './own-tree.ts';
import { removeOld } from './remove-old.ts';
import { fromOverlay, rootFile } from './root-file.ts';
import type { BaseFacts, Stage } from './stage.ts';

const STAGE = 'own-files';
const SCRIPT = '/usr/lib/wwanpi/first-boot';
const UNIT = '/etc/systemd/system/wwanpi-first-boot.service';
const OWN = '/etc/systemd/system/wwanpi-first-boot.service.d/own.conf';
const WANTED = '/etc/systemd/system/multi-user.target.wants/wwanpi-first-boot.service';
const DONE = '/var/lib/wwanpi/first-boot.done';
/** Where packages and scripts wait, and the script on the Pi keeps what it has done. */
export const WAITING_FOLDER = '/var/lib/wwanpi/first-boot';

/** The script stops a run of dpkg after an hour, and each script after half of one. */
const PACKAGES_SECONDS = 3 * 3600;
const SCRIPT_SECONDS = 1860;
/** What dpkg itself writes, and what packages make when they are set up. */
const ROOM_PART = 1.2;

/** The user's own files; packages and scripts wait in the image until its first start. */
export const ownFiles: Stage = {
  name: STAGE,
  reads: ({ own }) => [
    ...[SCRIPT, UNIT, OWN, WANTED, DONE],
    ...own.packages.map(({ fileName }) => `${WAITING_FOLDER}/packages/${fileName}`),
    ...own.scripts.map(({ name }) => `${WAITING_FOLDER}/scripts/${name}`),
    ...(own.owners.length === 0 ? [] : ['/etc/passwd', '/etc/group']),
  ],
  plan: ({ recipe, facts, files, overlay }) => {
    const { own } = recipe;
    const strange = findStrange(own, facts);
    const tree = planTree(recipe, facts, files, [SCRIPT, UNIT, OWN, WANTED, DONE, WAITING_FOLDER]);
    const waiting = planWaiting(own);
    const removed = removeLeftovers(facts, waiting);
    if (waiting.length === 0) {
      return {
        ...tree,
        changes: [...tree.changes, ...removeOld(STAGE, [WANTED, OWN, UNIT, SCRIPT, DONE], files), ...removed],
      };
    }
    const file = fromOverlay(STAGE, overlay);
    const conf = fillPlaceholders(overlay(OWN), {
      BEFORE: quoteUnitNames(listEnabledUnits(own)),
      SECONDS: quoteInteger(PACKAGES_SECONDS + SCRIPT_SECONDS * own.scripts.length),
    });
    return {
      ...tree,
      faults: [...(tree.faults ?? []), ...strange],
      roomBytes: Math.ceil(own.packages.reduce((sum, each) => sum + each.installedBytes, 0) * ROOM_PART),
      changes: [
        ...tree.changes,
        file(SCRIPT, 0o755),
        file(UNIT),
        rootFile(STAGE, OWN, conf),
        { kind: 'symlink', stage: STAGE, path: WANTED, target: UNIT },
        ...waiting,
        ...removed,
        ...removeOld(STAGE, [DONE], files),
      ],
    };
  },
};

/** Packages for other processors than the base's. */
function findStrange({ packages }: OwnFiles, { system }: BaseFacts): string[] {
  return packages
    .filter(({ architecture }) => architecture !== 'all' && architecture !== system.architecture)
    .map(
      ({ fileName, architecture }) =>
        `--package: ${fileName} is for ${architecture}, and this base is ${system.architecture}; give the package for ${system.architecture}`,
    );
}

/** The services that the tree turns on in the usual target: they start after packages and scripts. */
function listEnabledUnits({ tree }: Pick<OwnFiles, 'tree'>): string[] {
  const names = tree.flatMap(({ kind, path }) => {
    const [, name] =
      /\/systemd\/system\/(?:multi-user|graphical|default)\.target\.wants\/([^/]+)$/.exec(path) ?? [];
    return kind === 'directory' || name === undefined || !/^[\w:.\\@-]+\.(?:service|path)$/.test(name)
      ? []
      : [name];
  });
  return [...new Set(names)].sort();
}

function planWaiting({ packages, scripts }: OwnFiles): FileChange[] {
  if (packages.length + scripts.length === 0) return [];
  const folder = (path: string): FileChange => ({
    kind: 'directory',
    stage: STAGE,
    path,
    mode: 0o700,
    uid: 0,
    gid: 0,
  });
  return [
    folder(WAITING_FOLDER),
    ...(packages.length === 0 ? [] : [folder(`${WAITING_FOLDER}/packages`)]),
    ...packages.map(({ fileName, content }) =>
      ownFile(`${WAITING_FOLDER}/packages/${fileName}`, content, 0o644),
    ),
    ...(scripts.length === 0 ? [] : [folder(`${WAITING_FOLDER}/scripts`)]),
    ...scripts.map(({ name, content }) => ownFile(`${WAITING_FOLDER}/scripts/${name}`, content, 0o700)),
  ];
}

/** What an earlier build of wwanpi left waiting in a base that it made. */
function removeLeftovers({ places }: BaseFacts, waiting: readonly FileChange[]): FileChange[] {
  const kept = new Set(waiting.map(({ path }) => path));
  return [...(places ?? [])].flatMap(([path, { kind }]) =>
    kind === 'nothing' || kept.has(path) || !`${path}/`.startsWith(`${WAITING_FOLDER}/`)
      ? []
      : [{ kind: 'remove' as const, stage: STAGE, path }],
  );
}
