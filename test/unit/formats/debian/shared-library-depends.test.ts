import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseDpkgSymbols } from '../../../../src/formats/debian/dpkg-symbols.ts';
import { computeDepends } from '../../../../src/formats/debian/shared-library-depends.ts';
import type { ElfFile } from '../../../../src/formats/elf/elf.ts';

/** As Stretch has them. */
const LIBRARIES = parseDpkgSymbols(`libc.so.6 libc6 #MINVER#
| libc6 (>> 2.24), libc6 (<< 2.25)
* Build-Depends-Package: libc6-dev
 GLIBC_2.4@GLIBC_2.4 2.4
 fopen@GLIBC_2.4 2.4
 getrandom@GLIBC_2.25 2.25
libglib-2.0.so.0 libglib2.0-0 #MINVER#
* Build-Depends-Package: libglib2.0-dev
 g_free@Base 2.12.0
 g_bytes_new@Base 2.31.8
 g_clear_pointer@Base 2.33.8
libmbim-glib.so.4 libmbim-glib4 #MINVER#, libmbim-proxy
* Build-Depends-Package: libmbim-glib-dev
 mbim_device_new@Base 1.14.0
`);

describe('computeDepends', () => {
  it('asks for the oldest package that has every symbol used', () => {
    const elf = elfOf(['libglib-2.0.so.0', 'libqmi-glib.so.5', 'libc.so.6'], {
      fopen: 'GLIBC_2.4',
      g_free: undefined,
      g_bytes_new: undefined,
      qmi_client_open: undefined,
    });
    assert.deepEqual(computeDepends([elf], LIBRARIES, new Set(['libqmi-glib.so.5'])), {
      depends: ['libc6 (>= 2.4)', 'libglib2.0-0 (>= 2.31.8)'],
      unknown: [],
    });
  });

  it('asks for what a library wants beside it', () => {
    const elf = elfOf(['libmbim-glib.so.4'], { mbim_device_new: undefined });
    assert.deepEqual(computeDepends([elf], LIBRARIES, new Set()).depends, [
      'libmbim-glib4 (>= 1.14.0)',
      'libmbim-proxy',
    ]);
  });

  it('names the libraries of no known package', () => {
    assert.deepEqual(computeDepends([elfOf(['libgudev-1.0.so.0'], {})], LIBRARIES, new Set()), {
      depends: [],
      unknown: ['libgudev-1.0.so.0'],
    });
  });
});

function elfOf(needed: string[], undefinedSymbols: Record<string, string | undefined>): ElfFile {
  return {
    kind: 'library',
    flags: 0x05000400,
    interpreter: undefined,
    soname: undefined,
    needed,
    rpath: undefined,
    symbols: Object.entries(undefinedSymbols).map(([name, version]) => ({
      name,
      defined: false,
      weak: false,
      version,
      library: undefined,
    })),
    versionsDefined: [],
    attributes: undefined,
  };
}
