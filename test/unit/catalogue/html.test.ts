import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapeHtml, html, trustHtml } from '../../../src/catalogue/html.ts';

test('values are escaped, templates and trusted texts are not, nothing is left out', () => {
  const inner = html`<b>${'a & b'}</b>`;
  const page = html`<p title="${`"><script>`}">${inner}${undefined}${false}${[1, ', ', `it's`]}${trustHtml('<i>')}</p>`;
  assert.equal(page.text, '<p title="&quot;&gt;&lt;script&gt;"><b>a &amp; b</b>1, it&#39;s<i></p>');
});

test('no text can leave an element or a quoted attribute, and it is what a reader sees', () => {
  const decode = (text: string) =>
    text.replaceAll(
      /&(amp|lt|gt|quot|#39);/g,
      (_, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"' })[name] ?? "'",
    );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const escaped = escapeHtml(text);
      assert.doesNotMatch(escaped, /[<>"']/);
      assert.doesNotMatch(escaped, /&(?!(amp|lt|gt|quot|#39);)/);
      assert.equal(
        decode(escaped),
        text.replaceAll(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, '\ufffd'),
      );
    }),
  );
});
