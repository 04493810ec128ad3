import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { linuxMappings } from './mappings.ts';

const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8');
const words = new Set([...readme.matchAll(/`([a-z][a-z0-9_]*)`/g)].map(([, word]) => word));

const events = linuxMappings.flatMap(({ messages = [], events = {}, reader }) => [
  ...messages.map(({ event }) => event),
  ...Object.values(events),
  ...(reader?.events ?? []),
]);

/** Rules are written from the README: an action that is not in it would never be asked for. */
describe('README.md', () => {
  it.each([...new Set(events.map(({ action }) => action))].sort())('names the action %s', (action) => {
    expect(words).toContain(action);
  });

  it('names every dataset', () => {
    for (const { dataset } of linuxMappings) expect(readme).toContain(`\`${dataset}\``);
  });
});
