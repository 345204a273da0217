import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { createPaint } from '../../../src/formats/colour.ts';
import { type QuestionView, renderQuestion, wrap } from '../../../src/guided/render-question.ts';

const plain = createPaint({ isTTY: false });
const surface = (columns: number, rows: number) => ({ columns, rows, paint: plain });

/** Long texts, too: by default fast-check makes ten letters at most. A letter of Korean is two columns wide. */
const text = fc.string({
  unit: fc.constantFrom('a', 'b', 'é', '통', '-', ' '),
  maxLength: 90,
  size: 'max',
});
const view: fc.Arbitrary<QuestionView> = fc
  .record({
    answered: fc.array(fc.tuple(fc.constantFrom('Pi', 'Carrier'), text), { maxLength: 9 }),
    question: text,
    typed: fc.option(text, { nil: undefined }),
    options: fc.array(fc.record({ label: text, hint: text, isPinned: fc.boolean() }), { maxLength: 60 }),
    at: fc.nat(),
    error: fc.option(text, { nil: undefined }),
    canGoBack: fc.boolean(),
    canSearch: fc.boolean(),
  })
  .map(({ at, ...rest }) => ({ ...rest, cursor: rest.options.length === 0 ? 0 : at % rest.options.length }));

test('a question fits into every window, and the option under the cursor is in sight', () => {
  fc.assert(
    fc.property(
      view,
      fc.integer({ min: 40, max: 120 }),
      fc.integer({ min: 16, max: 50 }),
      (each, columns, rows) => {
        const lines = renderQuestion(each, surface(columns, rows)).split('\n');
        assert.ok(lines.length < rows, `${lines.length} lines in ${rows} rows`);
        for (const line of lines) assert.ok(stringWidth(line) < columns, line);
        const options = each.options ?? [];
        const marked = lines.filter((line) => line.startsWith('    ❯'));
        assert.equal(marked.length, options.length === 0 ? 0 : 1);
        assert.match(lines.at(-1) ?? '', /Ctrl-C/);
      },
    ),
  );
});

test('a long list is a window around the cursor that says where it goes on, with the pinned option below', () => {
  const options = Array.from({ length: 9 }, (_, at) => ({ label: `option ${at}`, isPinned: at === 8 }));
  const draw = (cursor: number) =>
    renderQuestion(
      { answered: [], question: 'Which?', options, cursor, canGoBack: true },
      surface(60, 8),
    ).split('\n');
  assert.deepEqual(
    draw(0).slice(1, -1),
    ['❯ option 0', '  option 1', '  option 2', '↓ option 3', '  option 8'].map(indent),
  );
  assert.deepEqual(
    draw(4).slice(1, -1),
    ['↑ option 2', '  option 3', '❯ option 4', '↓ option 5', '  option 8'].map(indent),
  );
  assert.deepEqual(
    draw(8).slice(1, -1),
    ['↑ option 4', '  option 5', '  option 6', '  option 7', '❯ option 8'].map(indent),
  );
});

test('in a low window the oldest answers are left out first', () => {
  const answered = [
    ['Pi', 'Pi 2'],
    ['System', 'Debian 12'],
    ['Country', 'Germany'],
  ] as const;
  const options = [{ label: 'No' }, { label: 'Yes' }];
  const draw = (rows: number) =>
    renderQuestion({ answered, question: 'Wi-Fi?', options, canGoBack: true }, surface(80, rows)).split('\n');
  assert.equal(draw(9).length, 7);
  assert.equal(draw(6)[0], '  ✓ Country   Germany');
});

test('text is broken at spaces, and a word that is too long anywhere', () => {
  assert.deepEqual(wrap('one two three', 7), ['one two', 'three']);
  assert.deepEqual(wrap('abcdefgh ij', 3), ['abc', 'def', 'gh', 'ij']);
  assert.deepEqual(wrap('', 5), ['']);
});

function indent(line: string): string {
  return `    ${line}`;
}
