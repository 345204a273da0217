import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Paint } from '../../../src/formats/colour.ts';
import { paintDiff, paintMarks } from '../../../src/formats/paint-text.ts';

const paint: Paint = (meaning, text) => `<${meaning}>${text}</>`;

test('the mark that a line begins with is painted, also after a time, and no other', () => {
  const text = [
    '✓ gpg  2.2 ✓',
    '  ✗ base',
    '  20.4 s  ✓ kernel: it boots',
    '  – skipped',
    'a ✓ b',
    '!important',
    'PASSED  x.img',
    'PASSED all',
  ];
  assert.equal(
    paintMarks(text.join('\n'), paint),
    [
      '<good>✓</> gpg  2.2 ✓',
      '  <bad>✗</> base',
      '  20.4 s  <good>✓</> kernel: it boots',
      '  <quiet>–</> skipped',
      'a ✓ b',
      '!important',
      '<good>PASSED</>  x.img',
      'PASSED all',
    ].join('\n'),
  );
});

test('a diff is painted by path and by line, and what is indented otherwise is not', () => {
  const text = [
    '+ /a  0644',
    '~ /b',
    '    @@ -1 +1 @@',
    '    -old',
    '    +new',
    '     same',
    '- /c',
    '1 new',
    '',
  ];
  assert.equal(
    paintDiff(text.join('\n'), paint),
    [
      '<added>+ /a  0644</>',
      '<changed>~ /b</>',
      '    <place>@@ -1 +1 @@</>',
      '    <removed>-old</>',
      '    <added>+new</>',
      '     same',
      '<removed>- /c</>',
      '1 new',
      '',
    ].join('\n'),
  );
});
