import { ComponentType, HashAlgorithm } from '@cyclonedx/cyclonedx-library/Enums';
import {
  Bom,
  Component,
  ComponentRepository,
  HashDictionary,
  Metadata,
  OrganizationalEntity,
  Property,
  PropertyRepository,
  Tools,
} from '@cyclonedx/cyclonedx-library/Models';
import { JSON as BomJson, JsonSerializer } from '@cyclonedx/cyclonedx-library/Serialize';
import { Spec1dot6 } from '@cyclonedx/cyclonedx-library/Spec';
import type { BuiltPackage, InputRecord, OsRelease } from '../../core/model.ts';
import { getField, type Paragraph, parseParagraph, splitParagraphs } from '../debian/deb822.ts';
import { formatPackageUrl } from './package-url.ts';
import { deriveUuid } from './sbom-hash.ts';

/** The source of an SBOM. The same image has the same values; none is the current time. */
export interface SbomInputs {
  readonly wwanpiVersion: string;
  /** The recipe's name. */
  readonly name: string;
  readonly imageSha256: string;
  readonly os: OsRelease;
  /** The finished image's /var/lib/dpkg/status. */
  readonly dpkgStatus: string;
  /** The packages that wwanpi made. They belong to no distribution. */
  readonly ownPackages: readonly Pick<BuiltPackage, 'name' | 'version'>[];
  /** The packages that the Pi installs at its first start: their control paragraphs, and the hash of each .deb. */
  readonly waiting?: readonly WaitingPackage[];
  readonly base: InputRecord;
  /** Undefined if libqmi was not compiled for the image. */
  readonly libqmiSource: (InputRecord & { readonly version: string }) | undefined;
  readonly epochSeconds: number;
}

/** A package that waits in the image as a .deb. */
export interface WaitingPackage {
  readonly control: string;
  readonly sha256: string;
  /** `file` if the user gave it: then it is no distribution's. */
  readonly from: 'file' | 'archive';
}

/**
 * The image's software bill of materials as CycloneDX 1.6 JSON: every installed package with its package URL and
 * dependencies, the base image, and the source of libqmi if it was compiled.
 */
export function formatSbom(inputs: SbomInputs): string {
  const packages = splitParagraphs(inputs.dpkgStatus)
    .map(parseParagraph)
    .filter((paragraph) => / installed$/.test(getField(paragraph, 'Status') ?? ''))
    .filter((paragraph) => (getField(paragraph, 'Package') ?? '') !== '');
  const components = new Map(packages.map((each) => [getKey(each), describePackage(each, inputs)]));
  const waiting = (inputs.waiting ?? []).map((each) => ({
    ...each,
    paragraph: parseParagraph(each.control),
  }));
  for (const each of waiting) components.set(getKey(each.paragraph), describeWaiting(each, inputs));
  const replaced = new Set(waiting.map(({ paragraph }) => getKey(paragraph)));
  const present = packages.filter((each) => !replaced.has(getKey(each)));
  addDependencies([...present, ...waiting.map(({ paragraph }) => paragraph)], components);
  const source = inputs.libqmiSource === undefined ? undefined : describeSource(inputs.libqmiSource);
  const base = describeInput(ComponentType.OperatingSystem, 'base', inputs.base);
  const image = new Component(ComponentType.OperatingSystem, inputs.name, {
    bomRef: 'image',
    description: `${inputs.os.prettyName}, made to come online over a USB LTE stick`,
    hashes: new HashDictionary([[HashAlgorithm['SHA-256'], inputs.imageSha256]]),
  });
  for (const { bomRef } of [base, ...components.values()]) image.dependencies.add(bomRef);
  for (const own of packages.filter((each) => isOwn(each, inputs))) {
    if (source !== undefined) components.get(getKey(own))?.dependencies.add(source.bomRef);
  }
  const bom = new Bom({
    serialNumber: `urn:uuid:${deriveUuid(inputs.imageSha256)}`,
    metadata: new Metadata({
      timestamp: new Date(inputs.epochSeconds * 1000),
      component: image,
      tools: new Tools({
        components: new ComponentRepository([
          new Component(ComponentType.Application, 'wwanpi', { version: inputs.wwanpiVersion }),
        ]),
      }),
    }),
  });
  const sources = source === undefined ? [] : [source];
  for (const component of [base, ...sources, ...components.values()]) bom.components.add(component);
  const serializer = new JsonSerializer(new BomJson.Normalize.Factory(Spec1dot6));
  return `${serializer.serialize(bom, { sortLists: true, space: 1 })}\n`;
}

function describePackage(paragraph: Paragraph, inputs: SbomInputs): Component {
  const field = (name: string) => getField(paragraph, name) ?? '';
  const [name, version, arch] = [field('Package'), field('Version'), field('Architecture')];
  // The type `deb` of the purl specification: vendor, name, version, and both qualifiers it names.
  const purl = formatPackageUrl({
    type: 'deb',
    namespace: isOwn(paragraph, inputs) ? 'wwanpi' : inputs.os.id,
    ...{ name, version },
    qualifiers: { arch, distro: inputs.os.codename },
  });
  const maintainer = /^[^<]*/.exec(field('Maintainer'))?.[0].trim() ?? '';
  // Has a version if that differs from the package's: `util-linux (2.38.1-5)`.
  const source = field('Source');
  return new Component(ComponentType.Library, name, {
    bomRef: purl,
    version,
    purl,
    ...(maintainer === '' ? {} : { supplier: new OrganizationalEntity({ name: maintainer }) }),
    ...(source === '' ? {} : { properties: new PropertyRepository([new Property('wwanpi:source', source)]) }),
  });
}

/** Installed at the first start; an installed package of that name is replaced by then. */
function describeWaiting(
  { paragraph, sha256, from }: WaitingPackage & { readonly paragraph: Paragraph },
  inputs: SbomInputs,
): Component {
  const component = describePackage(paragraph, inputs);
  component.hashes.set(HashAlgorithm['SHA-256'], sha256);
  component.properties.add(new Property('wwanpi:installed', 'at the first start'));
  if (from === 'file') component.purl = undefined;
  return component;
}

function isOwn(paragraph: Paragraph, { ownPackages }: SbomInputs): boolean {
  const [name, version] = [getField(paragraph, 'Package'), getField(paragraph, 'Version')];
  return ownPackages.some((own) => own.name === name && own.version === version);
}

function describeSource(libqmiSource: NonNullable<SbomInputs['libqmiSource']>): Component {
  const { name, version, sha256, origin } = libqmiSource;
  // A local file has no address.
  const url: Record<string, string> = /^https?:/.test(origin) ? { download_url: origin } : {};
  const component = describeInput(ComponentType.Library, 'libqmi-source', libqmiSource);
  component.version = version;
  component.purl = formatPackageUrl({
    type: 'generic',
    ...{ name, version },
    qualifiers: { checksum: `sha256:${sha256}`, ...url },
  });
  return component;
}

function describeInput(type: ComponentType, bomRef: string, input: InputRecord): Component {
  return new Component(type, input.name, {
    bomRef,
    hashes: new HashDictionary([[HashAlgorithm['SHA-256'], input.sha256]]),
    properties: new PropertyRepository([
      new Property('wwanpi:origin', input.origin),
      new Property('wwanpi:pinned', String(input.pinned)),
    ]),
  });
}

/** Adds the installed dependencies of each package: of alternatives the first, by its name or as a provided one. */
function addDependencies(packages: readonly Paragraph[], components: ReadonlyMap<string, Component>): void {
  const byName = new Map<string, Component>();
  const named = (paragraph: Paragraph, names: readonly string[]) => {
    const component = components.get(getKey(paragraph));
    for (const name of names) if (component !== undefined && !byName.has(name)) byName.set(name, component);
  };
  for (const each of packages) named(each, [getField(each, 'Package') ?? '']);
  for (const each of packages) named(each, listNames(getField(each, 'Provides')).flat());
  for (const each of packages) {
    const component = components.get(getKey(each));
    for (const choice of ['Pre-Depends', 'Depends'].flatMap((name) => listNames(getField(each, name)))) {
      const met = choice.map((name) => byName.get(name)).find((found) => found !== undefined);
      if (met !== undefined && met !== component) component?.dependencies.add(met.bomRef);
    }
  }
}

/** The names of a relation field, alternatives together (deb-control(5)): `a (>= 1) | b:any, c`. */
function listNames(relations: string | undefined): string[][] {
  return (relations ?? '')
    .split(',')
    .map((choice) => choice.split('|').map((entry) => /^\s*([^\s:(]*)/.exec(entry)?.[1] ?? ''))
    .filter(([first]) => first !== undefined && first !== '');
}

/** A package may be installed for two architectures. */
function getKey(paragraph: Paragraph): string {
  return `${getField(paragraph, 'Package')}:${getField(paragraph, 'Architecture')}`;
}
