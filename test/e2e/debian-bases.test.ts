import { BUILT_BASES, MADE_BASES, testDebianBase } from '../helpers/debian-base-tests.ts';

/** The bases that `make test` has made before: what they hold, and what a new kernel does to them. */
for (const base of BUILT_BASES.filter(({ name }) => MADE_BASES.includes(name))) testDebianBase(base);
