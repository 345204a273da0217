import { VerificationError } from '../../core/errors.ts';
import type { BuiltPackage } from '../../core/model.ts';
import { parseDeb } from './deb.ts';
import { getField, parseParagraph } from './deb822.ts';

/** Members of a control archive that dpkg would run or ask about (deb-control(5), debconf-devel(7)). */
const ACTIVE = ['preinst', 'postinst', 'config', 'templates', 'conffiles'];

/**
 * A package of Debian's, ready to go into an image by its files alone.
 * @param bytes of a .deb for armhf
 * @throws VerificationError when it is damaged, or needs a script of its own to be run
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
  const active = ACTIVE.filter((member) => texts.has(member));
  if (active.length > 0) {
    throw new VerificationError(`Debian's ${name} ${version} has a ${active[0]}, which wwanpi cannot run`);
  }
  return {
    maker: 'debian',
    name,
    version,
    architecture: 'armhf',
    control,
    files,
    md5sums: texts.get('md5sums') ?? '',
    controlFiles: new Map([...texts].filter(([member]) => member !== 'control' && member !== 'md5sums')),
  };
}
