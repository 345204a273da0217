import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Stack, SystemFacts } from '../../src/core/model.ts';
import { overlaysFolder, readOverlay } from '../../src/customise/read-overlay.ts';

const SYSTEMS: Readonly<Record<Stack, Pick<SystemFacts, 'stack' | 'bootFolder'>>> = {
  ifupdown: { stack: 'ifupdown', bootFolder: '/boot' },
  networkmanager: { stack: 'networkmanager', bootFolder: '/boot/firmware' },
};

const rendered = new Map<Stack, string>();

/**
 * A folder with the overlays of a stack at their paths, as an image gets them: with the boot folder filled in, so that
 * scripts can run from there. It is made once a process and gone at its end.
 */
export function renderOverlays(stack: Stack = 'ifupdown'): string {
  const known = rendered.get(stack);
  if (known !== undefined) return known;
  const folder = mkdtempSync(join(tmpdir(), 'wwanpi-overlays-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const source of new Set([overlaysFolder(), overlaysFolder(stack)])) {
    for (const path of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
      const { mode } = statSync(join(source, path));
      if (statSync(join(source, path)).isDirectory()) continue;
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), readOverlay(`/${path}`, SYSTEMS[stack]));
      chmodSync(join(folder, path), mode & 0o777);
    }
  }
  rendered.set(stack, folder);
  return folder;
}
