import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fetchCarrierTexts } from '../../../src/carriers/load-carriers.ts';
import { parseProviderInfo } from '../../../src/formats/provider-info.ts';
import { defaultCacheDir } from '../../../src/host/with-run.ts';
import { createTestContext } from '../../helpers/context.ts';

test("where the database is not installed, it comes out of Debian's package", async (t) => {
  const context = { ...(await createTestContext(t)), cacheDir: defaultCacheDir() };
  const { xml, pc } = await fetchCarrierTexts(context);
  assert.ok(parseProviderInfo(xml).length > 1200);
  assert.match(pc, /^Version: \d{8}$/m);
});
