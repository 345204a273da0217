import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BaseFile } from '../../../src/core/model.ts';
import { listRequiredFiles, planChanges } from '../../../src/customise/plan-changes.ts';
import { getText } from '../../../src/formats/config/base-text.ts';
import { status } from '../../../stage/status.ts';
import { recipeOf } from '../../helpers/recipes.ts';
import { baseFile, stretchFacts, stretchFiles } from '../../helpers/stretch-files.ts';

const LINE = 'LTE address, if online: \\4{wwan0}\n\n';

function plan(changed: Record<string, BaseFile | undefined> = {}) {
  const recipe = recipeOf();
  const files = stretchFiles(listRequiredFiles(recipe, [status]), changed);
  const { changes } = planChanges(recipe, stretchFacts, files, [], [status]);
  const links = changes.flatMap((change) =>
    change.kind === 'symlink' ? [[change.path, change.target]] : [],
  );
  const template = changes.find(({ path }) => path === '/usr/lib/wwanpi/issue');
  assert.ok(template?.kind === 'file');
  return { links, template: getText(new Map([['t', template]]), 't') };
}

function dpkg(version: string): Record<string, BaseFile> {
  const text = `Package: util-linux\nStatus: install ok installed\nVersion: ${version}\n`;
  return { '/var/lib/dpkg/status': baseFile(text) };
}

test('agetty of Stretch has no /etc/issue.d: /etc/issue becomes a link, and its text stays in front of the line', () => {
  const { links, template } = plan(dpkg('2.29.2-1+deb9u1'));
  assert.deepEqual(links, [['/etc/issue', '/run/wwanpi-issue']]);
  assert.equal(template, `Raspbian GNU/Linux 9 \\n \\l\n${LINE}`);
});

test('where agetty has /etc/issue.d, /etc/issue is left alone', () => {
  for (const version of ['2.32', '2.38.1-5+deb12u3']) {
    const { links, template } = plan(dpkg(version));
    assert.deepEqual(links, [['/etc/issue.d/wwanpi.issue', '/run/wwanpi-issue']]);
    assert.equal(template, LINE);
  }
});

test('a base that wwanpi made earlier keeps the text of its own base, and gets one line', () => {
  const earlier = baseFile(`My Pi \\l\n${LINE}`);
  // The link leads to nothing in the image.
  const { template } = plan({ '/etc/issue': undefined, '/usr/lib/wwanpi/issue': earlier });
  assert.equal(template, `My Pi \\l\n${LINE}`);
});

test('a base without an issue gets the line alone', () => {
  assert.equal(plan({ '/etc/issue': undefined }).template, LINE);
  assert.equal(plan({ '/etc/issue': baseFile('\n\n') }).template, LINE);
});
