import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { BASES } from '../../../src/base/bases.ts';
import { copyOverlays, findOverlayFile, hashOverlays } from '../../../src/base/debian-overlay.ts';
import { createTestContext } from '../../helpers/context.ts';

for (const { name, recipe } of BASES.filter((base) => base.kind === 'built')) {
  test(`${name}: its files are for its boot folder, and its scripts can run`, async (t) => {
    const { tmpDir } = await createTestContext(t);
    await copyOverlays(recipe, tmpDir);
    const entries = await readdir(tmpDir, { recursive: true, withFileTypes: true });
    for (const entry of entries.filter((each) => each.isFile())) {
      const path = join(entry.parentPath, entry.name);
      const text = await readFile(path, 'utf8');
      assert.doesNotMatch(text, /@@/, path);
      const mode = (await stat(path)).mode & 0o777;
      assert.equal(mode, text.startsWith('#!') ? 0o755 : path.includes('/sudoers.d/') ? 0o440 : 0o644, path);
    }
    const unit = await readFile(join(tmpDir, 'etc/systemd/system/sshswitch.service'), 'utf8');
    assert.match(unit, new RegExp(`^ConditionPathExistsGlob=${recipe.bootFolder}/ssh\\{,\\.txt\\}$`, 'm'));
    // The units that it enables are its own or a package's.
    const own = await readdir(join(tmpDir, 'etc/systemd/system'));
    for (const service of ['sshswitch.service', 'grow-root.service', 'regenerate_ssh_host_keys.service'])
      assert.ok(own.includes(service) && recipe.services.includes(service), service);
  });

  test(`${name}: its hooks can run, and every file counts for its key, once`, async () => {
    for (const hook of ['extract.sh', 'essential.sh', 'customize.sh'])
      assert.equal((await stat(findOverlayFile(recipe, `hooks/${hook}`))).mode & 0o111, 0o111, hook);
    const hashes = await hashOverlays(recipe);
    assert.ok(hashes.some((line) => line.startsWith(`${recipe.overlays.at(-1)}/hooks/customize.sh `)));
    const paths = hashes.map((line) => line.replace(/^[^/]+\/(.*) [0-9a-f]{64}$/, '$1'));
    assert.equal(new Set(paths).size, hashes.length);
    assert.ok(paths.includes('initramfs/init'));
  });
}
