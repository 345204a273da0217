import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ActionFile, Step } from './ci-files.ts';

/** What one script did. */
export interface ScriptResult {
  readonly exitCode: number | null;
  readonly output: string;
  /** What it wrote to GITHUB_OUTPUT. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** A stand-in for GitHub's runner: its folders, its files, and the PATH that steps add to. */
export interface Runner {
  /** Where the workflow's files are. */
  readonly workspace: string;
  /** Where the action's are. */
  readonly actionPath: string;
  /** Runs a step's script as the runner does: bash -e, in the workspace, with no standard input. */
  runScript(script: string, env?: Readonly<Record<string, string>>): Promise<ScriptResult>;
  /** Runs the action's scripts in their order, until one fails; the steps that use other actions are left out. */
  runAction(given: Readonly<Record<string, string>>, leaveOut?: readonly string[]): Promise<ActionResult>;
}

/** What the action did. */
export interface ActionResult extends ScriptResult {
  /** The names of the steps that ran. */
  readonly ran: readonly string[];
  readonly summary: string;
}

/** @param folder gets the runner's own files */
export async function createRunner(
  action: ActionFile,
  folders: { folder: string; workspace: string; actionPath: string },
): Promise<Runner> {
  const { folder, workspace, actionPath } = folders;
  const temp = join(folder, 'temp');
  await mkdir(temp, { recursive: true });
  const paths = join(folder, 'path');
  const summaryPath = join(folder, 'summary');
  await Promise.all([paths, summaryPath].map((path) => writeFile(path, '')));

  const runScript: Runner['runScript'] = async (script, env = {}) => {
    const own = await mkdtemp(join(folder, 'step-'));
    const file = join(own, 'script.sh');
    const outputPath = join(own, 'output');
    await writeFile(file, script);
    await writeFile(outputPath, '');
    const added = (await readFile(paths, 'utf8')).split('\n').filter((line) => line !== '');
    const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', file], {
      cwd: workspace,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        ...{ GITHUB_ACTION_PATH: actionPath, GITHUB_WORKSPACE: workspace, RUNNER_TEMP: temp },
        ...{ GITHUB_OUTPUT: outputPath, GITHUB_PATH: paths, GITHUB_STEP_SUMMARY: summaryPath },
        PATH: [...added.reverse(), process.env.PATH].join(':'),
        ...env,
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject).on('close', resolve);
    });
    return { exitCode, output, outputs: parseOutputs(await readFile(outputPath, 'utf8')) };
  };

  const runAction: Runner['runAction'] = async (given, leaveOut = []) => {
    const inputs = Object.fromEntries(
      Object.entries(action.inputs).map(([name, input]) => [name, given[name] ?? input.default]),
    );
    const steps: Record<string, Readonly<Record<string, string>>> = {};
    const evaluate = (expression: string): unknown => evaluateExpression(expression, { inputs, steps, temp });
    const ran: string[] = [];
    let output = '';
    let exitCode: number | null = 0;
    for (const step of action.runs.steps) {
      if (step.run === undefined || leaveOut.includes(step.name ?? '')) continue;
      if (exitCode !== 0 || (step.if !== undefined && !evaluate(step.if))) continue;
      ran.push(step.name ?? '');
      const result = await runScript(step.run, evaluateEnv(step, evaluate));
      if (step.id !== undefined) steps[step.id] = result.outputs;
      output += result.output;
      exitCode = result.exitCode;
    }
    const outputs = Object.fromEntries(
      Object.entries(action.outputs).map(([name, { value }]) => [name, fill(value, evaluate)]),
    );
    return { exitCode, output, outputs, ran, summary: await readFile(summaryPath, 'utf8') };
  };
  return { workspace, actionPath, runScript, runAction };
}

/** `name=value` lines and `name<<END` … `END` blocks. */
function parseOutputs(text: string): Record<string, string> {
  const found = text.matchAll(/^([\w-]+)(?:<<(\S+)\n([\s\S]*?)\n\2|=(.*))$/gm);
  return Object.fromEntries([...found].map(([, name = '', , block, line]) => [name, block ?? line ?? '']));
}

function evaluateEnv(step: Step, evaluate: (expression: string) => unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(step.env ?? {}).map(([name, text]) => [name, fill(text, evaluate)]),
  );
}

function fill(text: string, evaluate: (expression: string) => unknown): string {
  return text.replaceAll(/\$\{\{(.*?)\}\}/g, (_, expression: string) =>
    String(evaluate(expression.trim()) ?? ''),
  );
}

interface Scope {
  readonly inputs: Readonly<Record<string, string>>;
  readonly steps: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly temp: string;
}

/** Expressions as action.yml uses them: names, texts in quotes, ==, !=, &&, ||, brackets and toJSON(inputs). */
function evaluateExpression(expression: string, { inputs, steps, temp }: Scope): unknown {
  if (expression === 'toJSON(inputs)') return JSON.stringify(inputs, undefined, 2);
  const script = expression
    .replaceAll(/\b(inputs|steps|runner)((?:\.[\w-]+)+)/g, (_, root: string, path: string) =>
      JSON.stringify(
        path
          .slice(1)
          .split('.')
          .reduce<unknown>(
            (value, key) =>
              (value as Record<string, unknown> | undefined)?.[key === 'outputs' ? '' : key] ??
              (key === 'outputs' ? value : ''),
            { inputs, steps, runner: { temp } }[root],
          ),
      ),
    )
    .replaceAll('==', '===')
    .replaceAll('!=', '!==');
  return Function(`return (${script});`)();
}
