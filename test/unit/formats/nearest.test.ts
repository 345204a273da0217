import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findNearest, suggestNearest } from '../../../src/formats/nearest.ts';

const COMMANDS = ['build', 'fleet', 'boot', 'inspect', 'diff', 'flash', 'catalogue'];

test('the nearest name: a few letters off, or part of it', () => {
  const cases: [string, readonly string[], string | undefined][] = [
    ['bulid', COMMANDS, 'build'],
    ['FLASH', COMMANDS, 'flash'],
    ['flsh', COMMANDS, 'flash'],
    ['catalog', COMMANDS, 'catalogue'],
    ['dif', COMMANDS, 'diff'],
    ['stretch', ['debian-bookworm', 'raspbian-stretch-2018-11-13', 'raspbian-stretch'], 'raspbian-stretch'],
    ['wormhole', COMMANDS, undefined],
    ['x', ['a', 'b'], undefined],
    ['', COMMANDS, undefined],
    ['build', [], undefined],
  ];
  for (const [word, known, nearest] of cases) assert.equal(findNearest(word, known), nearest, word);
});

test('it is suggested as a question', () => {
  assert.equal(suggestNearest('bulid', COMMANDS), 'did you mean build?');
  assert.equal(suggestNearest('metrc', ['metric'], '--'), 'did you mean --metric?');
  assert.equal(suggestNearest('wormhole', COMMANDS), undefined);
});
