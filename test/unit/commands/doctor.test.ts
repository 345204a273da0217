import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runDoctorJson } from '../../../src/commands/doctor.ts';
import { HOST_TOOLS } from '../../../src/host/host-tools.ts';
import { createTestContext } from '../../helpers/context.ts';

test('wwanpi doctor --json has every program, its version and its package', async (t) => {
  const { text, complete } = await runDoctorJson(await createTestContext(t));
  const { tools, missingPackages, ...others } = JSON.parse(text);
  assert.deepEqual(others, { complete });
  assert.deepEqual(
    tools.map(({ program }: { program: string }) => program),
    HOST_TOOLS.map(({ program }) => program),
  );
  assert.equal(complete, missingPackages.length === 0);
  for (const { version, debianPackage } of tools) {
    if (version === null) assert.ok(missingPackages.includes(debianPackage), debianPackage);
  }
});
