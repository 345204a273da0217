import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { InputError } from '../../../src/core/errors.ts';
import { readArchive } from '../../../src/tools/archive.ts';
import { createTestContext } from '../../helpers/context.ts';
import { makeZip } from '../../helpers/zip.ts';

/** `echo wwanpi | xz --arm64 --lzma2` of xz 5.4. */
const ARM64_XZ = '/Td6WFoAAATm1rRGAgEKACEBFgB95z8lAQAGd3dhbnBpCgAAn3teimF32WsAAR8HFi64cx+2830BAAAAAARZWg==';

/** The method of each entry, in its own header and in the directory (APPNOTE.TXT 4.3.7, 4.3.12). */
function withMethod(zip: Buffer, method: number): Buffer {
  const changed = Buffer.from(zip);
  changed.writeUInt16LE(method, 8);
  changed.writeUInt16LE(method, changed.indexOf('PK\x01\x02', 0, 'latin1') + 10);
  return changed;
}

test('what is sound but packed in another way is called so, with what to do', async (t) => {
  const context = await createTestContext(t);
  const zip = makeZip({ 'a.img': Buffer.alloc(600) });
  const cases = [
    ['xz', Buffer.from(ARM64_XZ, 'base64'), /unsupported options/],
    ['zip', withMethod(zip, 12), /unsupported compression method: 12/],
    ['zip', withMethod(zip, 14), /unsupported compression method: 14/],
  ] as const;
  for (const [format, content, why] of cases) {
    const path = join(context.tmpDir, 'archive');
    await writeFile(path, content);
    const reading = readArchive(
      path,
      format,
      async (disk) => {
        for await (const chunk of disk) assert.ok(chunk);
      },
      { signal: context.signal },
    );
    await assert.rejects(reading, (error) => {
      assert.ok(error instanceof InputError, String(error));
      assert.match(error.message, /is packed in a way that wwanpi cannot read/);
      assert.match(error.message, why);
      assert.match(error.hint ?? '', /unpack it .* and give the \.img/);
      return true;
    });
  }
});
