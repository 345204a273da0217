import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyCard } from '../../../src/boot/card-edit.ts';
import type { CardKey } from '../../../src/formats/card-settings/keys.ts';
import { createBootTest } from '../../helpers/boot-records.ts';

const { setup } = createBootTest('online');
const values = (changes: Partial<Record<CardKey, string>>) =>
  new Map(Object.entries({ apn: 'internet', dns: 'none', metric: '700', ...changes }) as [CardKey, string][]);

test('what an image is set up to do follows the values in force', () => {
  assert.deepEqual(applyCard(setup, values({ dns: '1.1.1.1 1.0.0.1' })), setup);
  const changed = applyCard(
    setup,
    values({ apn: 'other', user: 'me', password: 'p', pin: '1234', dns: '9.9.9.9, 8.8.8.8', metric: '7' }),
  );
  assert.deepEqual(changed, {
    ...setup,
    apn: 'other',
    ndisdupApn: 'other',
    credentials: { user: 'me', password: 'p' },
    pin: '1234',
    nameServers: ['9.9.9.9', '8.8.8.8'],
    metric: 7,
  });
  assert.deepEqual(applyCard(changed, values({})).credentials, undefined);
});

test('an image that sends no AT^NDISDUP sends none with another APN', () => {
  assert.equal(applyCard({ ...setup, ndisdupApn: undefined }, values({})).ndisdupApn, undefined);
});
