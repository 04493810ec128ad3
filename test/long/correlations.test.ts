process.env.CORRELATION_ROUNDS ??= '60';
process.env.CORRELATION_EVENTS ??= '400';

/** As in every run, with more events, kills and draws. */
await import('../flow/correlations.test.ts');
