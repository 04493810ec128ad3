import fc from 'fast-check';

/**
 * Property tests draw the same cases each time, so that a run that passes passes again; `PROPERTY_SEED=random` (or a number) draws others.
 * fast-check prints the seed of a case that fails.
 */
const { PROPERTY_SEED = '20260131' } = process.env;
export const propertySeed: number = PROPERTY_SEED === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(PROPERTY_SEED);

fc.configureGlobal({ seed: propertySeed });
