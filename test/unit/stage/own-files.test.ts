import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BasePlace } from '../../../src/core/model.ts';
import { listRequiredFiles, planChanges } from '../../../src/customise/plan-changes.ts';
import { NO_OWN_FILES, type OwnFiles, type TreeEntry } from '../../../src/recipe/own-files.ts';
import { ownFiles } from '../../../stage/own-files.ts';
import { OWN_FILES } from '../../helpers/own-files.ts';
import { recipeOf } from '../../helpers/recipes.ts';
import { stretchFacts, stretchFiles } from '../../helpers/stretch-files.ts';
import { trixieFacts, trixieFiles } from '../../helpers/trixie-files.ts';

function plan(
  own: Partial<OwnFiles>,
  places: readonly (readonly [string, Partial<BasePlace>])[] = [],
  options = {},
) {
  const recipe = { ...recipeOf(options), own: { ...NO_OWN_FILES, ...own } };
  const facts = {
    ...stretchFacts,
    places: new Map(
      places.map(([path, place]): [string, BasePlace] => [
        path,
        { path, kind: 'nothing', obstacle: undefined, ...place },
      ]),
    ),
  };
  return planChanges(recipe, facts, stretchFiles(listRequiredFiles(recipe)), []);
}

function file(path: string, mode = 0o644): TreeEntry {
  return { kind: 'file', path, mode, content: Buffer.from('x') };
}

const refused: readonly [
  what: string,
  entries: readonly TreeEntry[],
  place: Partial<BasePlace>,
  words: RegExp,
][] = [
  [
    "a file of wwanpi's",
    [file('/etc/network/interfaces.d/wwan0')],
    {},
    /wwanpi itself writes .*wwan0 \(network\)/,
  ],
  [
    'a link above one',
    [{ kind: 'symlink', path: '/etc/wwanpi', target: '/tmp' }],
    {},
    /wwanpi itself writes \/etc\/wwanpi\//,
  ],
  ['a file below one', [file('/usr/bin/wwan-doctor/x')], {}, /wwanpi itself writes/],
  ['its place for packages', [file('/var/lib/wwanpi/first-boot/scripts/x')], {}, /wwanpi's own place/],
  ['what is in memory on the Pi', [file('/run/x')], {}, /\/run is not on the card/],
  ['the same behind a link', [file('/var/run/x')], { path: '/run/x' }, /\/run is not on the card/],
  ['a folder of the base', [file('/srv')], { kind: 'directory' }, /a file, which is a folder in the base/],
  [
    'a file as a folder',
    [{ kind: 'directory', path: '/x', mode: 0o755 }],
    { kind: 'file' },
    /a folder, which is a file in the base/,
  ],
  ['a file below a file', [file('/a/b')], { obstacle: '/a' }, /\/a in the base is not a folder/],
  ['a device', [file('/x')], { kind: 'special' }, /a device, socket or pipe/],
  [
    'a link on FAT',
    [{ kind: 'symlink', path: '/boot/x', target: 'y' }],
    {},
    /FAT partition, which has no links/,
  ],
  ['a name that FAT has not', [file('/boot/a:b')], {}, /cannot be a name on the FAT partition/],
  ['two cases of one name on FAT', [file('/boot/A'), file('/boot/a')], {}, /the same place as \/boot\/A/],
  ['another case of a file on FAT', [file('/boot/SSH')], {}, /wwanpi itself writes \/boot\/ssh/],
];
for (const [what, tree, place, words] of refused) {
  test(`${what} is refused`, () => {
    assert.throws(
      () =>
        plan(
          { tree },
          tree.slice(0, 1).map(({ path }) => [path, place]),
          { ssh: true, password: undefined, stockPassword: 'keep' },
        ),
      words,
    );
  });
}

test('faults of the owners have their lines', () => {
  const rule = { user: 'pi', group: 'pi', place: 'tree/.wwanpi-owners, line 7' };
  const tree = [file('/srv/app')];
  assert.throws(
    () => plan({ tree, owners: [{ ...rule, pattern: '/srv/ap' }] }),
    /line 7: nothing in the tree fits "\/srv\/ap"/,
  );
  assert.throws(
    () => plan({ tree, owners: [{ ...rule, pattern: '/srv/*', user: 'app' }] }),
    /line 7: the base has no user app/,
  );
  const { changes } = plan({ tree, owners: [{ ...rule, pattern: '/srv/*', user: 'anna' }] }, [], {
    user: 'anna',
  });
  const change = changes.find(({ path }) => path === '/srv/app');
  assert.ok(change?.kind === 'file');
  assert.equal(change.uid, 1000);
});

test('what replaces a file of the base is said, and a set-uid program', () => {
  const { warnings } = plan({ tree: [file('/etc/motd'), file('/usr/bin/x', 0o4755)] }, [
    ['/etc/motd', { kind: 'file' }],
  ]);
  assert.deepEqual(warnings.slice(-2), [
    '--extra-tree replaces 1 file (/etc/motd) of the base',
    "--extra-tree has 1 program (/usr/bin/x) that is set-uid or set-gid: whoever runs it gets its owner's rights",
  ]);
});

test('the home of a renamed user has its new name', () => {
  assert.throws(
    () => plan({ tree: [file('/home/pi/x')] }, [], { user: 'anna' }),
    /\/home\/pi becomes \/home\/anna/,
  );
  const home: TreeEntry = { kind: 'directory', path: '/home/anna', mode: 0o700 };
  const { changes } = plan({ tree: [home, file('/home/anna/x')] }, [], { user: 'anna' });
  assert.equal(changes.filter(({ path }) => path === '/home/anna').length, 1);
});

test('room for the installed packages is asked for', () => {
  assert.equal(plan(OWN_FILES).roomBytes, 300_000);
  assert.equal(plan({}).roomBytes, 0);
});

test('a package for other processors than the base has is refused; one for all is not', () => {
  const build = (architecture: 'armhf' | 'arm64' | 'all') => {
    const packages = OWN_FILES.packages.map((each) => ({ ...each, architecture }));
    const recipe = { ...recipeOf(), own: { ...NO_OWN_FILES, packages } };
    const files = trixieFiles(listRequiredFiles(recipe, [ownFiles]));
    return planChanges(recipe, trixieFacts, files, [], [ownFiles]).changes.length;
  };
  assert.throws(() => build('armhf'), /is for armhf, and this base is arm64; give the package for arm64/);
  assert.ok(build('arm64') > 0);
  assert.ok(build('all') > 0);
});

test('on a base that mounts its FAT volume at /boot/firmware, links may lie in /boot and not below that', () => {
  const build = (path: string) => {
    const tree: TreeEntry[] = [{ kind: 'symlink', path, target: 'x' }];
    const recipe = { ...recipeOf(), own: { ...NO_OWN_FILES, tree } };
    const places = new Map([[path, { path, kind: 'nothing' as const, obstacle: undefined }]]);
    return planChanges(recipe, { ...trixieFacts, places }, new Map(), [], [ownFiles]).changes;
  };
  assert.equal(build('/boot/vmlinuz').length, 1);
  assert.throws(() => build('/boot/firmware/x'), /a link, but \/boot\/firmware is a FAT partition/);
});
