import { BASES, DEFAULT_BASE } from '../../src/base/bases.ts';
import { findSupportEnd } from '../../src/base/support.ts';
import { type LibqmiOrigin, TARGETS, type Target } from '../../src/base/targets.ts';
import { EXIT_CODES } from '../../src/core/exit-codes.ts';
import { listDocVariables } from './list-commands.ts';
import { formatCode, formatTable, formatText, type GeneratedPage } from './markdown.ts';

/** docs/reference/exit-codes.md. */
export function makeExitCodesPage(): GeneratedPage {
  const text = [
    '# Exit codes',
    '',
    'The exit code is the kind of error. The codes are stable across releases.',
    '',
    formatTable(
      ['exit code', '`code` in [JSON](json-output.md#errors)', 'meaning'],
      EXIT_CODES.map(({ exitCode, code, meaning }) => [String(exitCode), formatCode(code), meaning]),
    ),
    'A fleet ends with the code of the first image that failed. With `--in docker` or `--in podman` the code is that of the command in the container.',
  ].join('\n');
  return { path: 'reference/exit-codes.md', from: ['src/core/exit-codes.ts'], text };
}

/** docs/reference/environment.md. */
export function makeEnvironmentPage(): GeneratedPage {
  const text = [
    '# Environment variables',
    '',
    'wwanpi reads these variables and no others. A secret is better here than on the command line, where every user of the machine can read it.',
    '',
    formatTable(
      ['variable', 'meaning'],
      listDocVariables().map(({ names, meaning }) => [names.map(formatCode).join(', '), formatText(meaning)]),
    ),
  ].join('\n');
  return {
    path: 'reference/environment.md',
    from: ['src/core/environment.ts', 'src/options/environment.ts'],
    text,
  };
}

/** docs/reference/bases.md. */
export function makeBasesPage(): GeneratedPage {
  const text = [
    '# Bases',
    '',
    'A base is the stock system that an image is made from: `--base NAME`, or `--base FILE` with an `.img`, `.zip`, `.img.xz` or `.img.gz` of one of the',
    'systems below. `wwanpi bases` lists the names, and which are in the cache. [Choose a base](../how-to/choose-a-base.md) compares them.',
    '[Bring your own base](../how-to/another-base.md) says what else it needs.',
    '',
    formatTable(
      ['base', 'what it is', 'updates until', "Imager's `init_format`"],
      BASES.map((base) => [
        `${formatCode(base.name)}${base.name === DEFAULT_BASE ? ' (default)' : ''}`,
        formatText(base.description),
        findSupportEnd(base.codename) ?? '',
        formatCode(base.initFormat),
      ]),
    ),
    'Security updates are those of Debian, with its long-term support.',
    '',
    '## Hashes',
    '',
    'A download with another SHA-256 is refused (exit 5). Each of these is confirmed by three independent public records. The bases `debian-…` are built on',
    'this machine, and the manifest has their SHA-256.',
    '',
    formatTable(
      ['base', 'SHA-256 of the download'],
      BASES.flatMap((base) =>
        base.kind === 'download' ? [[formatCode(base.name), formatCode(base.sha256)]] : [],
      ),
    ),
    '## Systems',
    '',
    'wwanpi makes images from these systems, and refuses other ones with exit code 2. Where it compiles libqmi, it does so for the processor named.',
    '',
    formatTable(
      ['system', 'Pi models', 'processor', 'libqmi'],
      TARGETS.map((target) => [
        target.name,
        target.models.map((model) => MODELS[model] ?? model).join(', '),
        describeProcessor(target),
        target.kind === 'compiled' ? describeOrigin(target.libqmi) : "the system's own",
      ]),
    ),
    'The Pi 5 starts Raspberry Pi OS only: the kernel of `debian-trixie-arm64` has no driver for its USB ports.',
  ].join('\n');
  return {
    path: 'reference/bases.md',
    from: ['src/base/bases.ts', 'src/base/support.ts', 'src/base/targets.ts'],
    text,
  };
}

function describeProcessor({ limits, architecture }: Target): string {
  return limits?.name ?? (architecture === 'arm64' ? 'ARMv8-A, 64 bit' : 'ARMv7-A');
}

const MODELS: Readonly<Record<string, string>> = {
  'pi1-32bit': 'Pi 1, Zero, Zero W',
  'pi2-32bit': 'Pi 2',
  'pi3-32bit': 'Pi 3',
  'pi4-32bit': 'Pi 4, 400',
  'pi3-64bit': 'Pi 3, Zero 2 W',
  'pi4-64bit': 'Pi 4, 400',
};

function describeOrigin(origin: LibqmiOrigin): string {
  return origin.kind === 'tarball'
    ? `${origin.version}, from the project's tarball`
    : "the version of Debian's source package";
}
