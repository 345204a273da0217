import { VerificationError } from '../../core/errors.ts';
import { ARCHITECTURES, type Architecture, type BuiltPackage } from '../../core/model.ts';
import { formatMd5sums, parseDeb } from './deb.ts';
import { getField, parseParagraph } from './deb822.ts';
import { findServices } from './postinst-services.ts';

/** Members of a control archive that dpkg would run or ask about (deb-control(5), debconf-devel(7)). */
const ACTIVE = ['preinst', 'postinst', 'config', 'templates', 'conffiles'];

/**
 * A package of Debian's, ready to go into an image by its files alone.
 * @param bytes of a .deb for a Pi
 * @throws VerificationError when it is damaged, for another machine, or needs a script of its own to be run
 */
export async function readPackage(bytes: Uint8Array): Promise<BuiltPackage> {
  const { controlFiles, files } = await parseDeb(bytes);
  const texts = new Map([...controlFiles].map(([name, content]) => [name, Buffer.from(content).toString()]));
  const control = texts.get('control') ?? '';
  const paragraph = parseParagraph(control);
  const name = getField(paragraph, 'Package');
  const version = getField(paragraph, 'Version');
  if (name === undefined || version === undefined) {
    throw new VerificationError('not a .deb: its control file names no package');
  }
  const architecture = findPiArchitecture(getField(paragraph, 'Architecture'));
  if (architecture === undefined) {
    throw new VerificationError(`${name} ${version} is not for a Pi: its architecture is another`);
  }
  const services = findServices(texts.get('postinst') ?? NO_SCRIPT);
  const active = ACTIVE.filter((member) => texts.has(member) && !isHarmless(member, texts, services));
  if (active.length > 0) {
    throw new VerificationError(`Debian's ${name} ${version} has a ${active[0]}, which wwanpi cannot run`);
  }
  return {
    maker: 'debian',
    name,
    version,
    architecture,
    control,
    files,
    // dpkg makes them itself where a package has none.
    md5sums: texts.get('md5sums') ?? formatMd5sums(files),
    controlFiles: new Map([...texts].filter(([member]) => member !== 'control' && member !== 'md5sums')),
    ...(services === undefined || services.length === 0 ? {} : { services }),
  };
}

/** The architecture of a package that some Pi can use; undefined for any other word. */
export function findPiArchitecture(word: string | undefined): Architecture | 'all' | undefined {
  return ([...ARCHITECTURES, 'all'] as const).find((each) => each === word);
}

const NO_SCRIPT = '#!/bin/sh\nset -e\n';

/** A postinst that only turns on services, and conffiles that are only to be removed (deb-conffiles(5)). */
function isHarmless(
  member: string,
  texts: ReadonlyMap<string, string>,
  services: readonly string[] | undefined,
): boolean {
  if (member === 'postinst') return services !== undefined;
  return member === 'conffiles' && /^(?:(?:remove-on-upgrade \/\S+)?\n)*$/.test(texts.get(member) ?? '');
}
