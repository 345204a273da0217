import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERROR_FIELDS, LOG_EVENTS, MANIFEST_FIELDS } from '../../../scripts/docs/json-contract.ts';
import { readInterface } from '../../../scripts/docs/read-interface.ts';
import { NetworkError } from '../../../src/core/errors.ts';
import { countOf } from '../../../src/core/reporter.ts';
import { OptionsError } from '../../../src/formats/issues.ts';
import { formatManifest } from '../../../src/release/manifest.ts';
import { formatErrorJson } from '../../../src/report/format-error.ts';
import { createJsonFleetProgress, createJsonReporter } from '../../../src/report/json-report.ts';

test('the events that the reporters write are those of the contract, with the same fields', () => {
  const seen = new Map<string, Set<string>>();
  const write = (text: string) => {
    const { ts, level, event, ...fields } = JSON.parse(text);
    assert.match(ts, /Z$/);
    assert.match(level, /^(info|warning|error)$/);
    seen.set(event, new Set([...(seen.get(event) ?? []), ...Object.keys(fields)]));
  };
  const report = createJsonReporter({ write });
  const step = report.step('Base');
  step.update(...countOf(1, 2, 'packages'));
  step('cached');
  report.stopping();
  report.info('a word');
  report.warn('a warning');
  report.progress('Download', 400).update(10);
  const fleet = createJsonFleetProgress({ write }, { total: 1 });
  fleet.begin('a');
  fleet.step('a', 'Copy');
  const file = { name: 'a.img', sizeBytes: 1, sha256: '', kind: 'image' as const };
  fleet.finish({
    name: 'a',
    apn: 'x',
    base: 'b',
    files: [file],
    seconds: 1,
    verdict: 'failed',
    error: 'why',
  });
  write(formatErrorJson(new NetworkError('no', { hint: 'again', detail: 'all of it' })));
  write(formatErrorJson(new OptionsError([{ option: 'apn', message: 'is empty' }])));
  // What `wwanpi boot` adds; its own tests hold their fields.
  const others = ['milestone', 'waiting', 'console'];
  const contract = LOG_EVENTS.filter(({ name }) => !others.includes(name));
  assert.deepEqual(
    Object.fromEntries([...seen].map(([name, fields]) => [name, [...fields].sort()])),
    Object.fromEntries(
      contract.map(({ name, fields }) => [
        name,
        fields.map((field) => field.replaceAll(/[[\]]/g, '')).sort(),
      ]),
    ),
  );
  assert.deepEqual(ERROR_FIELDS.map(({ name }) => name).sort(), [...(seen.get('error') ?? [])].sort());
});

test('the manifest has the fields of the contract', () => {
  const manifest = formatManifest({
    wwanpiVersion: '0',
    image: { file: 'a.img', sizeBytes: 1, sha256: '' },
    os: { id: 'debian', codename: 'bookworm', prettyName: 'Debian' },
    inputs: [],
    options: {},
    tools: [],
    packages: [],
    sourceDateEpoch: 0,
    changes: [],
  });
  assert.deepEqual(
    Object.keys(JSON.parse(manifest)),
    MANIFEST_FIELDS.map(({ name }) => name),
  );
});

test("an interface's fields are read with their types and docstrings", () => {
  const fields = readInterface('src/core/model.ts', 'Partition');
  assert.deepEqual(fields[0], {
    name: 'number',
    isOptional: false,
    type: 'number',
    meaning: '1-based, as in /dev/mmcblk0p1.',
  });
  assert.deepEqual(
    fields.map(({ name }) => name),
    ['number', 'type', 'offsetBytes', 'sizeBytes'],
  );
  assert.throws(() => readInterface('src/core/model.ts', 'Nothing'), /no interface Nothing/);
});
