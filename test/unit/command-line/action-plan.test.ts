import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { formatOutputs, listBoots, planArguments } from '../../../src/command-line/action-plan.ts';
import { InputError } from '../../../src/core/errors.ts';
import { findFault } from '../../helpers/command-lines.ts';

describe("the words an action's inputs stand for", () => {
  const cases: [string, Record<string, string>, string[]][] = [
    ['nothing to build', { output: 'out', base: '', cache: 'true' }, []],
    ['one image', { apn: 'internet', output: 'out' }, ['build', '--apn=internet', '--output=out', '--json']],
    [
      'switches and lists',
      { carrier: 'us/metropcs', ssh: 'false', 'keep-image': 'true', dns: ' 1.1.1.1\n9.9.9.9 ' },
      [
        'build',
        '--carrier=us/metropcs',
        '--no-ssh',
        '--keep-image',
        '--dns=1.1.1.1',
        '--dns=9.9.9.9',
        '--json',
      ],
    ],
    [
      'a fleet, whose file may be called what it likes',
      { fleet: '--base', shard: '1/2', only: 'a b', 'keep-going': 'true' },
      ['fleet', './--base', '--shard=1/2', '--only=a', '--only=b', '--keep-going', '--json'],
    ],
    [
      'further options, one a line',
      { apn: 'x', args: '--epoch=1\n\n  --name=a b  \n' },
      ['build', '--apn=x', '--epoch=1', '--name=a b', '--json'],
    ],
    [
      'secrets, which go by the environment',
      { apn: 'x', pin: '1234', password: 'p' },
      ['build', '--apn=x', '--json'],
    ],
  ];
  for (const [what, inputs, words] of cases)
    test(what, async () => {
      assert.deepEqual(planArguments(inputs), words);
      if (words.length > 0 && inputs.args === undefined) assert.equal(await findFault(words), undefined);
    });
});

test('inputs that cannot be used are named all at once', () => {
  assert.throws(
    () => planArguments({ fleet: 'f.yaml', apn: 'x', metric: '5', 'keep-going': 'yes' }),
    (error) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, /apn is for one image; in a fleet it belongs in f\.yaml/);
      assert.match(error.message, /metric is for one image/);
      assert.match(error.message, /keep-going must be true or false, not "yes"/);
      return true;
    },
  );
  assert.throws(() => planArguments({ apn: 'x', shard: '1/2' }), /shard needs the input fleet/);
});

test('whatever an input holds, it stays the value of its own option', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ minLength: 1, unit: 'grapheme' }),
      fc.string({ minLength: 1 }),
      async (apn, hostname) => {
        const words = planArguments({ apn, hostname });
        assert.deepEqual(words, ['build', `--apn=${apn}`, `--hostname=${hostname}`, '--json']);
        assert.equal(await findFault(words), undefined);
      },
    ),
    { numRuns: 50 },
  );
});

const file = (name: string, kind: string) => ({ name, kind, sizeBytes: 1, sha256: `${name}-hash` });

test('outputs of one image, compressed or not', () => {
  const one = {
    folder: '/out',
    files: [file('a.img', 'image'), file('a.img.xz', 'packed'), file('a.manifest.json', 'manifest')],
  };
  assert.deepEqual(parseOutputs(formatOutputs(one, 'out', 'END')), {
    ...{ folder: 'out', image: 'out/a.img.xz', sha256: 'a.img.xz-hash', manifest: 'out/a.manifest.json' },
    ...{ images: 'out/a.img.xz', sha256sums: 'out/SHA256SUMS', json: JSON.stringify(one) },
  });
  const raw = { files: [file('a.img', 'image')] };
  assert.equal(parseOutputs(formatOutputs(raw, 'x y', 'END')).image, 'x y/a.img');
});

const fleet = {
  entries: [
    { name: 'bad', verdict: 'failed', files: [] },
    { name: 'a', verdict: 'built', files: [file('a.img', 'image'), file('a.img.zst', 'packed')] },
    { name: 'b', verdict: 'unchanged', files: [file('b.img.xz', 'packed')] },
  ],
};

test('outputs of a fleet are those of the images that are there', () => {
  const outputs = parseOutputs(formatOutputs(fleet, 'out', 'END'));
  assert.deepEqual([outputs.image, outputs.images], ['out/a.img.zst', 'out/a.img.zst\nout/b.img.xz']);
  assert.equal(parseOutputs(formatOutputs({ entries: [] }, 'out', 'END')).image, '');
});

test('each image is booted in each scenario: the raw one where it is there', () => {
  assert.deepEqual(listBoots(fleet, { boot: ' online\nmy/late.json' }), [
    ['out/a.img', 'online', 'out/boot/a-online.xml'],
    ['out/a.img', 'my/late.json', 'out/boot/a-late.xml'],
    ['out/b.img.xz', 'online', 'out/boot/b-online.xml'],
    ['out/b.img.xz', 'my/late.json', 'out/boot/b-late.xml'],
  ]);
});

/** As the runner reads GITHUB_OUTPUT. */
function parseOutputs(text: string): Record<string, string> {
  const found = [...text.matchAll(/^(\S+)<<END\n([\s\S]*?)\nEND\n/gm)];
  assert.equal(found.map(([all]) => all).join(''), text);
  return Object.fromEntries(found.map(([, name, value]) => [name, value]));
}
