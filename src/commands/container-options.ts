import { InputError } from '../core/errors.ts';
import { ENGINES, type Engine } from '../tools/container.ts';

/** The options of every command that can do its work in a container. */
export const CONTAINER_OPTIONS = {
  in: {
    type: 'string',
    describe: 'Do it in a container of this engine, with the tools of the Dockerfile: docker or podman',
    group: 'Container:',
  },
  'container-image': {
    type: 'string',
    describe:
      "The container's image [wwanpi:VERSION, built from the package's Dockerfile when it is missing]",
    group: 'Container:',
  },
} as const;

/** @throws InputError when it is none, when an image is named with no engine to run it, and with --sign */
export function readEngine(argv: Readonly<Record<string, unknown>>): Engine | undefined {
  if (argv.in === undefined) {
    if (argv.containerImage === undefined) return undefined;
    throw new InputError('--container-image needs --in docker or --in podman');
  }
  const engine = ENGINES.find((name) => name === argv.in);
  if (engine === undefined) throw new InputError(`--in must be one of ${ENGINES.join(', ')}`);
  if (argv.sign !== undefined) {
    throw new InputError('--sign does not go with --in: a key that signs has no business in a container', {
      hint: 'sign afterwards: gpg --armor --detach-sign SHA256SUMS, or minisign -Sm SHA256SUMS',
    });
  }
  return engine;
}

/**
 * A build's options with something in its carrier's place, so that all the others can be checked on a host that may not
 * have the carriers' data: in the container the carrier is looked up.
 */
export function withoutCarrier(
  options: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { carrier, ...others } = options;
  return carrier === undefined ? options : { apn: 'unknown', ...others };
}
