import { describe } from 'node:test';
import { testScenarios } from '../helpers/every-scenario.ts';

/** `make test-long`: every scenario of a few minutes that says something about NetworkManager, on debian-trixie-arm64. */
describe('the scenarios with NetworkManager', () => {
  testScenarios('networkmanager', 'debian-trixie-arm64', 600);
});
