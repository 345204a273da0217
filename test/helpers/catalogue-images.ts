import type { CatalogueImage } from '../../src/catalogue/catalogue.ts';

/** An image of the catalogue, compressed, with a block map; `more` overrides fields. */
export function sampleImage(more: Partial<CatalogueImage> = {}): CatalogueImage {
  const name = more.name ?? 'gb-ee';
  return {
    name,
    carrier: { country: 'gb', provider: 'EE', plan: 'EE Internet' },
    apn: 'everywhere',
    base: 'raspbian-stretch',
    system: 'Raspbian GNU/Linux 9 (stretch)',
    hostname: undefined,
    models: ['Raspberry Pi 2', 'Raspberry Pi 3 and Zero 2'],
    login: 'pi, with an SSH key of its maker',
    cardBytes: 1_866_465_280,
    epochSeconds: 1_554_681_600,
    main: { name: `${name}.img.xz`, sizeBytes: 413_204_512, sha256: 'ab'.repeat(32), kind: 'packed' },
    others: [{ name: `${name}.bmap`, sizeBytes: 24_113, sha256: 'cd'.repeat(32), kind: 'bmap' }],
    imagerList: undefined,
    ...more,
  };
}
