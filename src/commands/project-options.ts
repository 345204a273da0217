import type { CarrierData } from '../carriers/carrier.ts';
import type { Reporter } from '../core/reporter.ts';
import { makeProjectError, PROJECT_FILE, type Project, readProject } from '../fleet/project-file.ts';
import { OptionsError } from '../formats/issues.ts';
import type { ParsedLine } from '../options/command.ts';
import { type BuildOptions, parseBuildOptions } from '../recipe/build-options.ts';

/** The options of one build, from the command line and the project file. */
export interface AskedBuild {
  readonly argv: ParsedLine;
  readonly project: Project | undefined;
}

/** Adds the options of the working folder's project file, and says that it is used. */
export async function withProject(line: ParsedLine, report: Reporter): Promise<AskedBuild> {
  const project = await readProject(process.cwd(), line);
  if (project === undefined) return { argv: line, project };
  report.info(`with the options of ${PROJECT_FILE}`);
  const given = Object.entries(line).filter(([, value]) => value !== undefined);
  return { argv: { ...project.options, ...Object.fromEntries(given) }, project };
}

/** @throws OptionsError with every issue of the options, those of the project file with their places */
export async function parseBuild(
  { argv, project }: AskedBuild,
  carriers?: CarrierData,
): Promise<BuildOptions> {
  if (project === undefined) return parseBuildOptions(argv, process.env, carriers);
  try {
    const options = await parseBuildOptions(argv, process.env, carriers);
    if (project.issues.length === 0) return options;
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    const placed = error.issues.flatMap((issue) => project.place(issue) ?? []);
    throw makeProjectError([...project.issues, ...placed]);
  }
  throw makeProjectError(project.issues);
}
