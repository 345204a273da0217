import { OptionsError } from '../formats/issues.ts';
import { ENGINES, type Engine } from '../tools/container.ts';

/** @throws OptionsError on an unknown engine, on an image without an engine, and with --sign */
export function readEngine(argv: Readonly<Record<string, unknown>>): Engine | undefined {
  if (argv.in === undefined) {
    if (argv.containerImage === undefined) return undefined;
    throw new OptionsError([{ option: 'container-image', message: 'needs {--in} docker or {--in} podman' }]);
  }
  const engine = ENGINES.find((name) => name === argv.in);
  if (engine === undefined) {
    throw new OptionsError([{ option: 'in', message: `must be one of ${ENGINES.join(', ')}` }]);
  }
  if (argv.sign !== undefined) {
    const message = 'cannot be used with {--in}: a signing key stays outside of containers';
    throw new OptionsError([{ option: 'sign', message }], {
      hint: 'sign afterwards: gpg --armor --detach-sign SHA256SUMS, or minisign -Sm SHA256SUMS',
    });
  }
  return engine;
}

/**
 * A build's options with a placeholder for the carrier, so that the others can be checked on a host without the
 * carriers' data; the carrier is looked up in the container.
 */
export function withoutCarrier(
  options: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { carrier, ...others } = options;
  return carrier === undefined ? options : { apn: 'unknown', ...others };
}
