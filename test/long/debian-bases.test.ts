import { BUILT_BASES, MADE_BASES, testDebianBase } from '../helpers/debian-base-tests.ts';

/** `make test-long`: the built bases that `make test` does not make. */
for (const base of BUILT_BASES.filter(({ name }) => !MADE_BASES.includes(name))) testDebianBase(base);
