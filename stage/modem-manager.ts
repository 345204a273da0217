import { getDpkgFiles } from '../src/formats/debian/dpkg-database.ts';
import { enableService } from '../src/formats/debian/enable-service.ts';
import { installPackages } from '../src/formats/debian/install-packages.ts';
import type { Stage } from './stage.ts';

/** Installs ModemManager, and what it needs, where the base lacks it. apt on the Pi updates it as any other package. */
export const modemManager: Stage = {
  name: 'modem-manager',
  reads: (_, packages) => [
    ...getDpkgFiles(packages),
    ...packages.flatMap((each) =>
      (each.services ?? []).flatMap((service) =>
        enableService(each, service, 'modem-manager').map(({ path }) => path),
      ),
    ),
    ...packages.flatMap(({ files }) =>
      files.flatMap(({ kind, path }) => (kind === 'directory' ? [] : [path])),
    ),
  ],
  plan: ({ files, packages }) => installPackages(files, packages, 'modem-manager'),
};
