import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findScenario } from '../../../src/boot/scenarios.ts';
import { listBootPurposes } from '../../../src/commands/boot.ts';
import { ToolMissingError } from '../../../src/core/errors.ts';
import { packageRoot } from '../../../src/core/package.ts';
import { HOST_TOOLS, type HostTool, probeHostTools, requireHostTools } from '../../../src/host/host-tools.ts';
import { createTestContext } from '../../helpers/context.ts';

test('the Makefile installs exactly the packages of the host tools', () => {
  const makefile = readFileSync(join(packageRoot, 'Makefile'), 'utf8').replaceAll('\\\n', ' ');
  const listed = (variable: string) =>
    new RegExp(`^${variable} = (.*)$`, 'm').exec(makefile)?.[1]?.trim().split(/\s+/) ?? [];
  const packagesOf = (tools: readonly HostTool[]) =>
    [...new Set(tools.map((each) => each.debianPackage))].sort();
  const isForBootsAlone = ({ purposes }: HostTool) => purposes.every((purpose) => purpose === 'boot');
  const isForSigning = ({ purposes }: HostTool) => purposes.every((purpose) => purpose.startsWith('sign-'));
  const host = packagesOf(HOST_TOOLS.filter((each) => !isForBootsAlone(each) && !isForSigning(each)));
  assert.deepEqual(listed('HOST_PACKAGES'), host);
  const boot = packagesOf(HOST_TOOLS.filter(isForBootsAlone));
  assert.deepEqual(
    listed('BOOT_PACKAGES'),
    boot.filter((name) => !host.includes(name)),
  );
  assert.deepEqual(listed('SIGN_PACKAGES'), packagesOf(HOST_TOOLS.filter(isForSigning)));
});

test('a probe finds the version of every tool that is installed', async (t) => {
  const statuses = await probeHostTools(await createTestContext(t), new Set(['image']));
  for (const { tool, version } of statuses) assert.match(version ?? '', /\d/, tool.program);
});

test('missing tools are named together, with reason and packages', () => {
  const [first, second] = HOST_TOOLS.filter((entry) => entry.debianPackage !== 'e2fsprogs');
  assert.ok(first !== undefined && second !== undefined);
  assert.throws(
    () => requireHostTools([first, second].map((tool) => ({ tool, version: undefined }))),
    (error) => {
      assert.ok(error instanceof ToolMissingError);
      assert.match(
        error.message,
        new RegExp(`^${first.program} is required to .+\n${second.program} is required to`),
      );
      assert.match(error.hint ?? '', /^apt-get install /);
      return true;
    },
  );
});

test('a boot needs a compiler only where the scenario makes another qmicli', () => {
  const programsFor = (name: string) => {
    const scenario = findScenario(name);
    assert.ok(scenario !== undefined);
    const purposes = listBootPurposes(scenario);
    return HOST_TOOLS.filter((each) => each.purposes.some((purpose) => purposes.includes(purpose))).map(
      ({ program }) => program,
    );
  };
  assert.ok(programsFor('online').includes('qemu-system-arm'));
  assert.ok(!programsFor('online').includes('clang'));
  const added = programsFor('broken-libqmi').filter((program) => !programsFor('online').includes(program));
  assert.deepEqual(added, ['clang', 'ld.lld']);
});
