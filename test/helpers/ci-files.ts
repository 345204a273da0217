import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { packageRoot } from '../../src/core/package.ts';

/** A step of a workflow or a composite action, as far as it matters to the tests. */
export interface Step {
  readonly name?: string;
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly shell?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, string>>;
}

/** action.yml, parsed. */
export interface ActionFile {
  readonly inputs: Readonly<Record<string, { description: string; default: string; required?: boolean }>>;
  readonly outputs: Readonly<Record<string, { description: string; value: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}

/** A GitLab job, as far as the examples use it. */
export interface GitlabJob {
  readonly script?: readonly string[];
  readonly before_script?: readonly string[];
}

export function readText(path: string): string {
  return readFileSync(join(packageRoot, path), 'utf8');
}

export function readYaml<T>(path: string): T {
  return parse(readText(path)) as T;
}

/** The steps of all jobs of a workflow. */
export function listSteps(path: string): Step[] {
  const { jobs } = readYaml<{ jobs: Record<string, { steps: Step[] }> }>(path);
  return Object.values(jobs).flatMap(({ steps }) => steps);
}

/** The script lines of a GitLab file's job; its before_script first. */
export function readScript(path: string, job: string): string[] {
  const jobs = readYaml<Record<string, GitlabJob>>(path);
  return [...(jobs[job]?.before_script ?? []), ...(jobs[job]?.script ?? [])];
}
