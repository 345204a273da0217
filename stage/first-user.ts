import type { BaseFiles, FileChange } from '../src/core/model.ts';
import type { Account } from '../src/formats/config/accounts.ts';
import { basePackages } from '../src/formats/config/base-text.ts';
import type { Recipe } from '../src/recipe/recipe.ts';
import { removeOld } from './remove-old.ts';
import { fromOverlay } from './root-file.ts';
import type { StageInput } from './stage.ts';
import { getSudoRule, makeSudoRule, STOCK_USER } from './user.ts';

/** What `rename-user` of userconf-pi made in the base: it asks for a user on the screen, and says so over SSH. */
const WIZARD = '/etc/systemd/system/multi-user.target.wants/userconfig.service';
const BANNER = '/etc/ssh/sshd_config.d/rename_user.conf';
/** The login prompt, which that took away. */
const PROMPT = '/etc/systemd/system/getty.target.wants/getty@tty1.service';

/** At the very first start systemd would turn the wizard on again (systemd.preset(5)). */
export const PRESET = '/etc/systemd/system-preset/10-wwanpi.preset';

/** Read after the files of Raspberry Pi OS, whose names begin with 99_raspberry (cloud-init(1), cloud.cfg.d). */
export const CLOUD = '/etc/cloud/cloud.cfg.d/99_wwanpi.cfg';

/** The base's files that `planFirstUser` reads. */
export function listFirstUserReads(user: string): string[] {
  return [WIZARD, BANNER, PROMPT, PRESET, CLOUD, getSudoRule(STOCK_USER), getSudoRule(user)];
}

/** Whether the image says who logs in, so that its first start need not ask. */
export function namesLogin({ user, sshKeys, password }: Recipe): boolean {
  return user !== undefined || sshKeys.length > 0 || password.kind !== 'stock';
}

/** What keeps a base from deciding at its first start who logs in, for an image that says so itself (`namesLogin`). */
export function planFirstUser(
  recipe: Recipe,
  account: Account,
  files: BaseFiles,
  overlay: StageInput['overlay'],
): FileChange[] {
  const installed = basePackages(files);
  return [
    ...(installed.has('userconf-pi') ? cancelWizard(recipe, account, files, overlay) : []),
    // Its create_user() locks the password of a user that is there, too (cloudinit/distros/__init__.py).
    ...(installed.has('cloud-init') ? [fromOverlay('access', overlay)(CLOUD)] : []),
  ];
}

/**
 * Since 2022 Raspberry Pi OS asks at its first start who logs in. An image that says so itself is left as `cancel-rename`
 * of userconf-pi leaves a system. Who has a key and no password gets the rule for sudo that Raspberry Pi's first user had
 * until 2026.
 */
function cancelWizard(
  recipe: Recipe,
  account: Account,
  files: BaseFiles,
  overlay: StageInput['overlay'],
): FileChange[] {
  const installed = basePackages(files);
  const rules = [getSudoRule(STOCK_USER), getSudoRule(account.name)];
  const hasRule = rules.some((path) => files.get(path) !== undefined);
  const needsRule = recipe.password.kind === 'stock' && installed.has('sudo') && !hasRule;
  return [
    ...removeOld('access', [WIZARD, BANNER], files),
    fromOverlay('access', overlay)(PRESET),
    ...(files.get(PROMPT) === undefined
      ? [
          {
            kind: 'symlink',
            stage: 'access',
            path: PROMPT,
            target: '/lib/systemd/system/getty@.service',
          } as const,
        ]
      : []),
    ...(needsRule ? [makeSudoRule(account.name)] : []),
  ];
}
