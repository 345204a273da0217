import type { Context } from '../../context.ts';
import { InputError } from '../../errors.ts';
import type { Milestone, Scenario } from '../../modem/scenarios.ts';
import { openDisk } from '../open-disk.ts';
import { prepareGuestKernel } from '../prepare-guest-kernel.ts';
import { type BootReport, reportBoot } from './boot-report.ts';
import type { Finding } from './finding.ts';
import { makeBootInitrd } from './make-boot-initrd.ts';
import { readExpectations } from './read-expectations.ts';
import { runBoot } from './run-boot.ts';

/** What `wwanpi boot` is asked for. */
export interface BootImageRequest {
  readonly imagePath: string;
  readonly scenario: Scenario;
  /** The APN the image should use; left out, the one it does use. */
  readonly apn: string | undefined;
  readonly timeoutMs: number;
  readonly logFolder: string;
  readonly onFinding?: (name: Milestone, finding: Finding) => void;
  readonly onConsole?: (line: string) => void;
}

/**
 * Boots an image with an emulated stick and judges whether it comes online as its own files say it should.
 * @throws InputError when the image cannot be judged, NetworkError when there is no kernel to be had
 */
export async function bootImage(context: Context, request: BootImageRequest): Promise<BootReport> {
  const { scenario } = request;
  const disk = await openDisk(request.imagePath);
  const { commandLine, ...setup } = await readExpectations(disk);
  if (scenario.network.credentials && setup.credentials === undefined) {
    throw new InputError(`the scenario ${scenario.name} needs an image with a user and password`, {
      hint: 'wwanpi build --apn … --apn-user … makes one',
    });
  }
  const apn = request.apn ?? setup.apn;
  const done = context.report.step('Kernel');
  const kernel = await prepareGuestKernel(context);
  const initrdPath = await makeBootInitrd(context, kernel, scenario.machine.qmicli);
  done(kernel.version);
  const outcome = await runBoot(context, {
    ...request,
    setup,
    apn,
    diskPath: disk.path,
    rootPartition: disk.layout.root.number,
    commandLine,
    kernel,
    initrdPath,
  });
  const { name, description } = scenario;
  return reportBoot(outcome, {
    image: request.imagePath,
    scenario: name,
    description,
    apn,
    kernel: kernel.version,
    logFolder: request.logFolder,
  });
}
