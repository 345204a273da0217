import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listRequiredFiles, planChanges } from '../../../src/customise/plan-changes.ts';
import { access } from '../../../stage/access.ts';
import { recipeOf, SSH_KEY } from '../../helpers/recipes.ts';
import { baseFile, dpkgStatus } from '../../helpers/stretch-files.ts';
import { TRIXIE_PACKAGES, trixieFacts, trixieFiles } from '../../helpers/trixie-files.ts';

const CLOUD = '/etc/cloud/cloud.cfg.d/99_wwanpi.cfg';

function planCloud(options: Parameters<typeof recipeOf>[0], packages = TRIXIE_PACKAGES) {
  const recipe = recipeOf(options);
  const status = { '/var/lib/dpkg/status': baseFile(dpkgStatus(packages)) };
  const files = trixieFiles(listRequiredFiles(recipe, [access]), status);
  const change = planChanges(recipe, trixieFacts, files, [], [access]).changes.find(
    ({ path }) => path === CLOUD,
  );
  return change?.kind === 'file' ? Buffer.from(change.content).toString('utf8') : undefined;
}

test('cloud-init leaves the users alone where the image says who logs in', () => {
  const withKey = planCloud({ sshKey: [SSH_KEY] });
  assert.deepEqual(
    withKey?.split('\n').filter((line) => line !== '' && !line.startsWith('#')),
    ['users: []'],
  );
  assert.equal(planCloud({ user: 'anna', sshKey: [SSH_KEY] }), withKey);
});

test('an image that says nothing about a login leaves cloud-init as it is, and so does a base without it', () => {
  assert.equal(planCloud({}), undefined);
  const without = TRIXIE_PACKAGES.filter((name) => name !== 'cloud-init');
  assert.equal(planCloud({ sshKey: [SSH_KEY] }, without), undefined);
});
