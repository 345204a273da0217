import { findBase } from '../base/bases.ts';
import type { Target } from '../base/targets.ts';
import type { Stack } from '../core/model.ts';
import type { BuildRequest, LibqmiChoice } from './build-request.ts';

/** What decides where libqmi comes from, as far as the user says it. */
export type LibqmiRequest = Pick<BuildRequest, 'base' | 'libqmi' | 'libqmiSource' | 'builder'>;

/** The choice before the base is read; undefined if only the base can tell. */
export function expectLibqmi({ base, libqmi }: LibqmiRequest): LibqmiChoice | undefined {
  if (libqmi !== undefined) return libqmi;
  const known = findBase(base);
  return known === undefined ? undefined : getDefault(known.stack);
}

/** The choice for a base: what is asked for, else what its stack needs and is possible. */
export function chooseLibqmi({ libqmi }: LibqmiRequest, stack: Stack, target: Target): LibqmiChoice {
  return libqmi ?? (target.kind === 'stock' ? 'stock' : getDefault(stack));
}

/** Why a request's libqmi is not possible with a base; undefined if it is. */
export function findLibqmiFault(request: LibqmiRequest, stack: Stack, target: Target): string | undefined {
  const choice = chooseLibqmi(request, stack, target);
  if (choice === 'build') {
    if (stack === 'networkmanager')
      return "--libqmi build: this base dials with ModemManager, which needs the libqmi that it was built with; leave the option out to keep the base's own";
    if (target.kind === 'stock')
      return `--libqmi build: wwanpi does not compile libqmi for ${target.name}; leave the option out to keep the base's own`;
    return undefined;
  }
  if (stack === 'ifupdown') {
    if (target.kind === 'stock')
      return `the base dials with ifupdown, for which wwanpi compiles libqmi, and it does not for ${target.name}; use a base with NetworkManager`;
    const why =
      target.codename === 'stretch'
        ? 'the libqmi 1.16.2 of Stretch does not dial with this modem'
        : "with ifupdown qmi-network dials, and the base's own runs a file in /tmp, where everybody can write";
    return `--libqmi stock: ${why}; leave the option out to compile libqmi`;
  }
  const given = [
    ...(request.libqmiSource === undefined ? [] : ['--libqmi-source']),
    ...(request.builder === 'clang' ? [] : ['--builder']),
  ];
  if (given.length === 0) return undefined;
  return `${given.join(' and ')}: libqmi is not compiled for this base, whose own dials; leave ${given.length === 1 ? 'the option' : 'both'} out`;
}

/** Where NetworkManager dials, ModemManager and libqmi are the base's; ifupdown's bases are pinned to a compiled libqmi. */
function getDefault(stack: Stack): LibqmiChoice {
  return stack === 'networkmanager' ? 'stock' : 'build';
}
