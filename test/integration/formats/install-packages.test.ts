import assert from 'node:assert/strict';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { installPackages } from '../../../src/formats/debian/install-packages.ts';
import { readPackage } from '../../../src/formats/debian/read-package.ts';
import { modemManager } from '../../../stage/modem-manager.ts';
import { createTestContext } from '../../helpers/context.ts';
import { carryOut, describeTree, readTreeFiles } from '../../helpers/file-tree.ts';
import { recipeOf } from '../../helpers/recipes.ts';

/** What dpkg itself notes while it runs. */
const OWN_NOTES =
  /^\/var\/lib\/dpkg\/(?:lock|lock-frontend|status-old|available|triggers|updates|lock-.*)(?:\/|$)/;

const CONFIGURE =
  'if [ "$1" = "configure" ] || [ "$1" = "abort-upgrade" ] || [ "$1" = "abort-deconfigure" ] || [ "$1" = "abort-remove" ] ; then';
const POSTINST = `#!/bin/sh
set -e
# Automatically added by dh_installsystemd/13.24.2
${CONFIGURE}
	# The following line should be removed in trixie or trixie+1
	deb-systemd-helper unmask 'caller.service' >/dev/null || true

	# was-enabled defaults to true, so new installations run enable.
	if deb-systemd-helper --quiet was-enabled 'caller.service'; then
		deb-systemd-helper enable 'caller.service' >/dev/null || true
	else
		deb-systemd-helper update-state 'caller.service' >/dev/null || true
	fi
fi
# End automatically added section
# Automatically added by dh_installsystemd/13.24.2
${CONFIGURE}
	if [ -d /run/systemd/system ]; then
		systemctl --system daemon-reload >/dev/null || true
		if [ -n "$2" ]; then
			_dh_action=restart
		else
			_dh_action=start
		fi
		deb-systemd-invoke $_dh_action 'caller.service' >/dev/null || true
	fi
fi
# End automatically added section
`;

const CALLER = {
  'DEBIAN/control': `Package: caller
Version: 1.24.0-1+deb13u1
Architecture: arm64
Maintainer: Nobody <nobody@example.org>
Installed-Size: 7
Pre-Depends: libc6 (>= 2.38)
Depends: libcaller0 (>= 1.0), base:any
Recommends: helper
Homepage: https://example.org/
Section: net
Priority: optional
Description: Calls
 A service with a name of its own.
 .
 And more.
`,
  'DEBIAN/postinst': POSTINST,
  'DEBIAN/prerm': '#!/bin/sh\nset -e\nexit 0\n',
  'DEBIAN/conffiles': 'remove-on-upgrade /etc/dbus-1/system.d/caller.conf\n',
  'usr/sbin/caller': 'program\n',
  'lib/systemd/system/caller.service':
    '[Unit]\nDescription=Calls\n[Service]\nExecStart=/usr/sbin/caller\n[Install]\nWantedBy=multi-user.target\nAlias=dbus-org.example.caller.service\n',
  'etc/caller/connection.d/': '',
  'etc/caller/unlock.d/': '',
};

const LIBRARY = {
  'DEBIAN/control': `Package: libcaller0
Source: caller (1.0-1)
Version: 1.0-1+b2
Architecture: arm64
Multi-Arch: same
Maintainer: Nobody <nobody@example.org>
Depends: libc6
Section: libs
Priority: optional
Description: Library
`,
  'DEBIAN/triggers': '# Triggers added by dh_makeshlibs/13.24.2\nactivate-noawait ldconfig\n',
  'DEBIAN/shlibs': 'libcaller 0 libcaller0 (>= 1.0)\n',
  'usr/lib/aarch64-linux-gnu/libcaller.so.0': 'library\n',
};

const installed = (name: string) => `Package: ${name}
Status: install ok installed
Priority: required
Section: libs
Maintainer: Nobody <nobody@example.org>
Architecture: arm64
Multi-Arch: ${name === 'base' ? 'allowed' : 'foreign'}
Version: 2.41-12
Description: There
`;

test('packages are left as dpkg leaves them: every file, mode and link, and its database', async (t) => {
  const { context, root, debs } = await prepare(t, { caller: CALLER, libcaller0: LIBRARY });
  const theirs = join(context.tmpDir, 'theirs');
  await cp(root, theirs, { recursive: true, verbatimSymlinks: true });
  const force = ['--force-script-chrootless', '--force-architecture', '--force-not-root'];
  await context.exec(['dpkg', `--root=${theirs}`, ...force, '--install', ...debs]);
  const packages = await Promise.all(debs.map(async (path) => readPackage(await readFile(path))));
  const files = await readTreeFiles(root, modemManager.reads(recipeOf(), packages));
  const { changes, faults } = installPackages(files, packages, 'modem-manager');
  assert.deepEqual(faults, []);
  await carryOut(root, changes);
  const without = (tree: Record<string, string>) =>
    Object.fromEntries(Object.entries(tree).filter(([path]) => !OWN_NOTES.test(path)));
  assert.deepEqual(without(await describeTree(root)), without(await describeTree(theirs)));
  assert.match(await readFile(join(root, 'var/lib/dpkg/status'), 'utf8'), /remove-on-upgrade\n/);
  const { stdout } = await context.exec(['dpkg', `--root=${root}`, '--audit']);
  assert.equal(stdout, '');
  await context.exec(['dpkg', `--root=${root}`, '--verify', 'caller', 'libcaller0']);
});

test('a package whose scripts do more than turn on services is refused', async (t) => {
  const more = { ...CALLER, 'DEBIAN/postinst': `${POSTINST}adduser caller\n` };
  const { debs } = await prepare(t, { caller: more });
  await assert.rejects(
    readPackage(await readFile(String(debs[0]))),
    /has a postinst, which wwanpi cannot run/,
  );
  const asked = { ...CALLER, 'DEBIAN/conffiles': '/usr/sbin/caller\n' };
  const { debs: others } = await prepare(t, { caller: asked });
  await assert.rejects(readPackage(await readFile(String(others[0]))), /has a conffiles/);
});

test('what the packages need and the base lacks is told', async (t) => {
  const { root, debs } = await prepare(t, { caller: CALLER });
  const packages = await Promise.all(debs.map(async (path) => readPackage(await readFile(path))));
  const files = await readTreeFiles(root, modemManager.reads(recipeOf(), packages));
  assert.deepEqual(installPackages(files, packages, 'modem-manager').faults, [
    'caller needs libcaller0 (>= 1.0), which the base does not have installed',
  ]);
});

/** A root with a dpkg database, and .deb files. */
async function prepare(t: TestContext, packages: Record<string, Record<string, string>>) {
  const context = await createTestContext(t);
  const root = join(context.tmpDir, 'root');
  await mkdir(join(root, 'var/lib/dpkg/info'), { recursive: true });
  await mkdir(join(root, 'var/lib/dpkg/updates'), { recursive: true });
  const names = ['base', 'libc6', 'zlib1g'];
  await writeFile(join(root, 'var/lib/dpkg/status'), names.map((name) => `${installed(name)}\n`).join(''));
  await writeFile(join(root, 'var/lib/dpkg/arch'), 'arm64\n');
  for (const name of names) {
    await writeFile(join(root, `var/lib/dpkg/info/${name}.list`), '/.\n');
    await writeFile(join(root, `var/lib/dpkg/info/${name}.md5sums`), '');
  }
  await writeFile(join(root, 'var/lib/dpkg/info/format'), '1\n');
  const debs: string[] = [];
  for (const [name, files] of Object.entries(packages)) {
    const folder = join(context.tmpDir, name);
    for (const [path, text] of Object.entries(files)) {
      await mkdir(path.endsWith('/') ? join(folder, path) : dirname(join(folder, path)), { recursive: true });
      const isScript = /DEBIAN\/p|sbin/.test(path);
      if (!path.endsWith('/')) await writeFile(join(folder, path), text, { mode: isScript ? 0o755 : 0o644 });
    }
    const deb = join(context.tmpDir, `${name}.deb`);
    await context.exec(['dpkg-deb', '--root-owner-group', '-Zxz', '--build', folder, deb]);
    debs.push(deb);
  }
  return { context, root, debs: debs.sort() };
}
