import { describe, expect, it } from 'vitest';
import { printQuery } from '../store/search/print.ts';
import { maySee, visible } from './visible.ts';

describe('what a caller may see', () => {
  it('leaves a query alone for who may see everything, but for the audit trail', () => {
    expect(printQuery(visible({ type: 'all' }, { datasets: ['*'] }))).toBe('NOT event.dataset:"earshot.audit"');
  });

  it('holds every query to the datasets, also one that names another', () => {
    const query = visible({ type: 'is', field: 'event.dataset', pattern: ['okta.system'] }, { datasets: ['linux.*', 'cef'] });
    expect(printQuery(query)).toBe('event.dataset:"okta.system" AND (event.dataset:linux.* OR event.dataset:"cef")');
  });

  it.each([
    ['linux.*', 'linux.auth', true],
    ['linux.*', 'linux', false],
    ['LINUX.*', 'linux.auth', true],
    ['*.audit', 'slack.audit', true],
    ['a*b*a', 'aba', true],
    ['a*b*a', 'ab', false],
    ['a*a', 'a', false],
    ['cef', 'cef.x', false],
    ['*', 'anything', true],
  ])('%s and %s: %s', (pattern, dataset, expected) => {
    expect(maySee({ datasets: [pattern] }, dataset)).toBe(expected);
  });

  it('shows nothing to who may see no dataset', () => {
    expect(maySee({ datasets: [] }, 'linux.auth')).toBe(false);
  });
});
