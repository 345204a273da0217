import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { packageRoot } from '../core/package.ts';
import type { Reporter } from '../core/reporter.ts';

/**
 * Says how to make compression faster where lzma-native still has the binary that it brings, whose liblzma was compiled
 * without optimisation. The bytes are the same.
 * @param folder of lzma-native
 */
export function adviseEncoder(report: Reporter, folder = findLzmaNative(), root = packageRoot): void {
  // node-gyp-build loads this one before the one that the package brings.
  if (existsSync(join(folder, 'build/Release/lzma_native.node'))) return;
  const isCheckout = existsSync(join(root, 'Makefile'));
  const command = isCheckout ? 'make build' : 'npm explore --global wwanpi -- npm run rebuild-lzma';
  report.info(`liblzma is not compiled for speed yet; once, before you compress more: ${command}`);
}

function findLzmaNative(): string {
  return dirname(createRequire(import.meta.url).resolve('lzma-native/package.json'));
}
