import { Worker } from 'node:worker_threads';
import type { RuleLoaderAnswer, RuleLoaderInit } from './rule-loader-thread.ts';

/** Reads the rules in a thread of their own: to parse thousands takes seconds, in which the API would answer nobody. */
export function loadRulesAside(init: RuleLoaderInit): Promise<RuleLoaderAnswer> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./rule-loader-thread.ts', import.meta.url), { workerData: init });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the thread that reads rules ended with code ${code}`)));
  });
}
