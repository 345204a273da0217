import type { TargetProfile } from '../base/targets.ts';
import type { Context } from '../core/context.ts';
import { readVariable } from '../core/environment.ts';
import type { BuiltPackage, Disk, InputRecord } from '../core/model.ts';
import type { BuildRequest } from '../recipe/build-request.ts';
import { checkElf } from './check-elf.ts';
import { compileLibqmi } from './compile-libqmi.ts';
import { compileLibqmiNatively } from './compile-libqmi-natively.ts';
import { fetchLibqmiSource } from './fetch-libqmi-source.ts';
import { packageLibqmi } from './package-libqmi.ts';
import { prepareSysroot } from './prepare-sysroot.ts';

/** libqmi for one base, ready to go into its images, and what it was made from. */
export interface ProvidedLibqmi {
  readonly version: string;
  readonly packages: readonly BuiltPackage[];
  readonly source: InputRecord;
  /** All of them, the source too. */
  readonly inputs: readonly InputRecord[];
}

/** Sysroot, source, compile, gate and packages: the part of a build that all images of one base share. */
export async function provideLibqmi(
  context: Context,
  disk: Disk,
  target: TargetProfile,
  { libqmiSource, builder }: Pick<BuildRequest, 'libqmiSource' | 'builder'>,
): Promise<ProvidedLibqmi> {
  const { report } = context;
  const sysrootDone = report.step('Sysroot');
  const sysroot = await prepareSysroot(context, disk, target);
  sysrootDone(`GLib ${sysroot.glibVersion}${sysroot.cacheHit ? ', cached' : ''}`);
  const sourceDone = report.step('libqmi source');
  const source = await fetchLibqmiSource(context, target, {
    libqmiSource,
    downloadsUrl: readVariable('WWANPI_DOWNLOADS_URL'),
  });
  sourceDone(`${source.version}, ${source.record.origin}${source.record.pinned ? ', the pinned one' : ''}`);
  if (libqmiSource !== undefined) {
    report.warn(
      `libqmi comes from ${source.record.origin} (SHA-256 ${source.record.sha256}), not the pinned one`,
    );
  }
  const compileDone = report.step('libqmi compile');
  const { build, inputs } =
    builder === 'qemu'
      ? await compileLibqmiNatively(context, source, disk, sysroot, target)
      : { build: await compileLibqmi(context, source, sysroot, target), inputs: [] };
  const by = builder === 'qemu' ? ", by the target's own gcc" : '';
  compileDone(`${target.limits.name}${by}${build.cacheHit ? ', cached' : ''}`);
  const gateDone = report.step('libqmi check');
  const gate = await checkElf(context, build, sysroot, target);
  gateDone(`${gate.files.length} ELF files fit; ${gate.qmicliVersion} runs on ${target.qemuCpu}`);
  const packages = await packageLibqmi(context, build, sysroot, target);
  const { version, record } = source;
  return { version, packages, source: record, inputs: [record, ...sysroot.inputs, ...inputs] };
}
