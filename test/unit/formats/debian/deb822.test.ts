import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  formatParagraph,
  getField,
  parseParagraph,
  splitParagraphs,
} from '../../../../src/formats/debian/deb822.ts';

const TEXT = `Package: a
Description: short
 long
 .
 longer
Conffiles:
 /etc/a 0123

Package: b
`;

describe('deb822', () => {
  it('keeps order, continuation lines and fields without a first line', () => {
    const [first = '', second = ''] = splitParagraphs(TEXT);
    const paragraph = parseParagraph(first);
    assert.deepEqual(
      paragraph.map(([name]) => name),
      ['Package', 'Description', 'Conffiles'],
    );
    assert.equal(getField(paragraph, 'conffiles'), '\n /etc/a 0123');
    assert.equal(`${formatParagraph(paragraph)}\n${formatParagraph(parseParagraph(second))}`, TEXT);
  });

  it('reads back any fields it wrote', () => {
    const value = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
    const field = fc.tuple(fc.stringMatching(/^[A-Z][A-Za-z-]{0,12}$/), value);
    fc.assert(
      fc.property(fc.array(field, { maxLength: 8 }), (fields) => {
        assert.deepEqual(parseParagraph(formatParagraph(fields)), fields);
      }),
    );
  });

  it('takes any text', () => {
    fc.assert(fc.property(fc.string(), (text) => void splitParagraphs(text).map(parseParagraph)));
  });
});
