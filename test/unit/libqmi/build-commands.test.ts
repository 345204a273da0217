import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { COMPILED_TARGETS as TARGETS } from '../../../src/base/targets.ts';
import { BUILD_RECIPES, type BuildPlan } from '../../../src/libqmi/build-commands.ts';

const PLAN: BuildPlan = {
  sourceFolder: '/w/source',
  buildFolder: '/w/build',
  installFolder: '/w/install',
  toolsFolder: '/w/tools',
  sysroot: "/cache/it's/root",
  pkgConfigFolder: '/cache/pkgconfig',
  triplet: 'arm-linux-gnueabihf',
  clang: ['clang', '-march=armv6', "--sysroot=/cache/it's/root"],
  cFlags: ['-O2', '-w'],
  linkFlags: ['-Wl,--no-undefined'],
  jobs: 2,
  options: ['--prefix=/usr', '-Dqrtr=true'],
};

describe('the autotools recipe', () => {
  it('configures, cleans, builds and installs, without the documentation', () => {
    const commands = BUILD_RECIPES.autotools.commands(PLAN);
    const make = ['make', '-C'];
    const variable = 'GLIB_MKENUMS=glib-mkenums';
    assert.deepEqual(commands[0]?.argv.slice(0, 3), [
      './configure',
      '--host=arm-linux-gnueabihf',
      '--prefix=/usr',
    ]);
    for (const flag of ['CC=wwanpi-cc', 'CFLAGS=-O2 -w', 'LDFLAGS=-Wl,--no-undefined']) {
      assert.ok(commands[0]?.argv.includes(flag), flag);
    }
    assert.deepEqual(
      commands.slice(1).map(({ argv }) => argv),
      [
        [...make, 'src', variable, 'clean'],
        [...make, 'src', variable, '--jobs=2'],
        [...make, 'utils', variable, '--jobs=2'],
        [...make, 'docs/man', variable, '--jobs=2'],
        [...make, 'src', variable, 'install', 'DESTDIR=/w/install'],
        [...make, 'utils', variable, 'install', 'DESTDIR=/w/install'],
        [...make, 'docs/man', variable, 'install', 'DESTDIR=/w/install'],
      ],
    );
  });

  it('quotes the compiler for the shell that make runs', () => {
    assert.equal(
      BUILD_RECIPES.autotools.files(PLAN)[0]?.text,
      `#!/bin/sh\nexec 'clang' '-march=armv6' '--sysroot=/cache/it'\\''s/root' "$@"\n`,
    );
  });
});

describe('the options', () => {
  const [stretch, bookworm] = ['stretch', 'bookworm'].map((codename) => {
    const target = TARGETS.find((candidate) => candidate.codename === codename);
    assert.ok(target);
    return target;
  });

  it('are those of the Debian whose libqmi is replaced, where its libraries can be had', () => {
    assert.ok(bookworm && stretch);
    const { meson, autotools } = BUILD_RECIPES;
    for (const option of ['-Dmbim_qmux=true', '-Dqrtr=true']) {
      assert.ok(meson.options(bookworm).includes(option), option);
    }
    assert.ok(autotools.options(bookworm).includes('--enable-mbim-qmux'));
    for (const option of ['-Dmbim_qmux=false', '-Dqrtr=false']) {
      assert.ok(meson.options(stretch).includes(option), option);
    }
    for (const option of ['--enable-more-warnings=no', '--disable-mbim-qmux']) {
      assert.ok(autotools.options(stretch).includes(option), option);
    }
  });
});

describe('the meson recipe', () => {
  it('sets up with a cross file, builds and installs', () => {
    const [setup, build, install] = BUILD_RECIPES.meson.commands(PLAN).map(({ argv }) => argv);
    assert.ok(setup?.includes('--cross-file=/w/tools/cross.ini'));
    assert.ok(setup?.includes('-Dqrtr=true'));
    assert.deepEqual(setup?.slice(-2), ['/w/build', '/w/source']);
    assert.deepEqual(build, ['ninja', '-C', '/w/build', '-j2']);
    assert.deepEqual(install, ['meson', 'install', '-C', '/w/build', '--no-rebuild', '--destdir=/w/install']);
    const cross = BUILD_RECIPES.meson.files(PLAN)[0]?.text ?? '';
    assert.match(cross, /^c = \['clang', '-march=armv6', '--sysroot=\/cache\/it\\'s\/root'\]$/m);
    assert.match(cross, /^pkg_config_libdir = '\/cache\/pkgconfig'$/m);
  });
});
