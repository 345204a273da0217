import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { BROWSERS, useBrowser } from '../helpers/browser.ts';
import { serve } from '../helpers/catalogue-site.ts';
import { runCli } from '../helpers/cli.ts';
import { createTestContext } from '../helpers/context.ts';
import { makeSettableRelease } from '../helpers/settable-release.ts';

/** What a person types: label and value; and the same for `wwanpi set`. Empty fields of the APN stand for none. */
const FORMS: readonly (readonly [what: string, Readonly<Record<string, string>>, readonly string[]])[] = [
  ['an APN', { APN: 'web.vodafone.de' }, ['--apn', 'web.vodafone.de', '--apn-user', '']],
  [
    'an APN with credentials, a host name and Wi-Fi',
    {
      APN: 'fast.metropcs.com',
      'User name': 'me',
      Password: 'p;x&1',
      Authentication: 'pap',
      'Host name': 'pi-7',
      'PIN of the SIM card': '1234',
      'Wi-Fi: name': 'Café at home',
      'Wi-Fi: password': 'eight or more',
      'Wi-Fi: country': 'GB',
      'Time zone': 'Europe/London',
    },
    [
      ...['--apn', 'fast.metropcs.com', '--apn-user', 'me', '--apn-password', 'p;x&1', '--apn-auth', 'pap'],
      ...['--hostname', 'pi-7', '--pin', '1234', '--wifi-ssid', 'Café at home'],
      ...['--wifi-psk', 'eight or more', '--wifi-country', 'GB', '--timezone', 'Europe/London'],
    ],
  ],
];

for (const [kind, skip] of BROWSERS) {
  describe(`the page in ${kind}, and wwanpi set`, { skip }, () => {
    const open = useBrowser(kind);
    for (const [what, fields, options] of FORMS) {
      test(`${what}: both make the same bytes`, async (t) => {
        const context = await createTestContext(t);
        const folder = await makeSettableRelease(context);
        const env = { XDG_CACHE_HOME: join(folder, 'cache') };
        await rm(join(folder, 'index.html'));
        const page = await runCli(['catalogue', folder]);
        assert.equal(page.exitCode, 0, page.stderr);
        const set = await runCli(['set', 'a.img.xz', ...options, '--output', 'new.img.xz'], {
          cwd: folder,
          env,
        });
        assert.equal(set.exitCode, 0, set.stderr);
        const wanted = await readFile(join(folder, 'new.img.xz'));

        const made = await open(t, `http://127.0.0.1:${await serve(t, folder)}/`);
        await made.page.getByText('More settings').click();
        for (const [label, value] of Object.entries(fields)) {
          const field = made.page.getByLabel(label, { exact: true });
          if (label === 'Authentication') await field.selectOption(value);
          else await field.fill(value);
        }
        await made.page.getByRole('button', { name: 'Make the image' }).click();
        const saved = await made.save(made.page.getByRole('link', { name: /^Save / }), wanted.length);
        assert.ok(saved.bytes.equals(wanted));
        assert.deepEqual(made.errors, []);
      });
    }
  });
}
