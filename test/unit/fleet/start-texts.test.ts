import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeStart } from '../../../src/commands/init.ts';
import { InputError } from '../../../src/core/errors.ts';
import { parseFleetDocument } from '../../../src/fleet/fleet-document.ts';
import { FLEET_START, PROJECT_START } from '../../../src/fleet/start-texts.ts';

const uncomment = (text: string) => text.replaceAll(/^( *)#(?=[a-z])/gm, '$1');

test('what init writes is sound as it stands, and with every field set', () => {
  const fleet = parseFleetDocument(FLEET_START, 'f.yaml');
  assert.deepEqual(fleet.issues, []);
  assert.equal(fleet.file?.images.length, 3);
  assert.deepEqual(parseFleetDocument(uncomment(FLEET_START), 'f.yaml').issues, []);
  const project = parseFleetDocument(PROJECT_START, 'w.yaml', 'project');
  assert.deepEqual([project.issues, project.file], [[], { images: [{}] }]);
  const all = parseFleetDocument(uncomment(PROJECT_START), 'w.yaml', 'project');
  assert.deepEqual(all.issues, []);
  assert.ok(Object.keys(all.file?.images[0] ?? {}).length > 15);
});

test('its lines fit a screen', () => {
  for (const line of `${PROJECT_START}${FLEET_START}`.split('\n')) assert.ok(line.length < 100, line);
});

test('init says what comes next, and writes over no file', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'wwanpi-test-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'wwanpi.yaml');
  assert.match(await writeStart('project', path), /Edit it, then run in its folder: \S*wwanpi build\n$/);
  assert.equal(await readFile(path, 'utf8'), PROJECT_START);
  await assert.rejects(writeStart('fleet', path), (error) => {
    assert.ok(error instanceof InputError);
    assert.match(error.message, /wwanpi\.yaml exists, and wwanpi init writes over no file/);
    assert.match(error.hint ?? '', /wwanpi init --fleet FILE/);
    return true;
  });
  assert.equal(await readFile(path, 'utf8'), PROJECT_START);
});
