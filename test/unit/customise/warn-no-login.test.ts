import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentReporter } from '../../../src/core/reporter.ts';
import { foreseeNoLogin, warnNoLogin } from '../../../src/customise/warn-no-login.ts';
import type { Recipe } from '../../../src/recipe/recipe.ts';
import { recipeOf, SSH_KEY } from '../../helpers/recipes.ts';

function warn(recipes: readonly Recipe[], users: readonly string[] = []): string[] {
  const warnings: string[] = [];
  warnNoLogin({ report: { ...silentReporter, warn: (text) => warnings.push(text) } }, recipes, users);
  return warnings;
}

test('an image that nobody can log in to is never without a word, unless --no-login says so', () => {
  const says =
    'nobody can log in to this image, because no user of the base has a password, and no key or password is given; ' +
    'give --ssh-key or --password ($WWANPI_PASSWORD is safer), or --no-login if that is wanted';
  assert.deepEqual(warn([recipeOf()]), [says]);
  for (const options of [{ sshKey: [SSH_KEY] }, { password: 'secret' }, { login: false }]) {
    assert.deepEqual(warn([recipeOf(options)]), [], JSON.stringify(options));
  }
  assert.deepEqual(warn([recipeOf()], ['pi']), [], 'the base has a password');
});

test('in a fleet, one line names the images', () => {
  const open = ['a', 'b', 'c', 'd', 'e'].map((name) => recipeOf({ name }));
  const [line, ...others] = warn([...open, recipeOf({ name: 'f', sshKey: [SSH_KEY] })]);
  assert.match(line ?? '', /^nobody can log in to a, b, c and 2 more, because/);
  assert.deepEqual(others, []);
});

test('for a named base it is known before anything is fetched', async () => {
  assert.match((await foreseeNoLogin('debian-bookworm', recipeOf())) ?? '', /^nobody can log in/);
  assert.equal(await foreseeNoLogin('debian-bookworm', recipeOf({ sshKey: [SSH_KEY] })), undefined);
  assert.equal(await foreseeNoLogin('raspbian-stretch', recipeOf()), undefined, 'pi has the stock password');
});
