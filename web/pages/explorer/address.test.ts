import { expect, it } from 'vitest';
import { linkToEvents } from '../../parts/link-to-events.ts';
import { readState, writeState } from './address.ts';
import { DEFAULT_COLUMNS } from './columns.ts';

const nothing = new URLSearchParams();

it('an address that says nothing shows the usual', () => {
  expect(readState(nothing)).toMatchObject({
    q: '',
    from: 'now-24h',
    to: 'now',
    by: 'event.outcome',
    columns: DEFAULT_COLUMNS,
    tail: false,
  });
  expect(readState(nothing, ['message']).columns).toEqual(['message']);
});

it('what was written is read back', () => {
  const state = {
    q: 'user.name:"a&b=c" OR *',
    from: '2026-01-01T00:00:00.000Z',
    to: 'now-1h',
    by: '',
    columns: ['user.name', 'message'],
    facets: [],
    quick: 'source.ip',
    event: '1-7',
    tail: true,
  };
  expect(readState(new URLSearchParams(writeState(nothing, state).toString()))).toEqual(state);
});

it('what is usual is not in it, and what others put there stays', () => {
  const search = new URLSearchParams('q=a&event=1-7&tail=1&x=y');
  expect(writeState(search, { q: '', event: undefined, tail: false, from: 'now-24h' }).toString()).toBe('x=y');
  expect(writeState(search, { from: 'now-1h' }).toString()).toBe('q=a&event=1-7&tail=1&x=y&from=now-1h');
});

it('reads what other pages link to', () => {
  const link = linkToEvents({ q: 'rule.id:"x y"', from: 'now-7d', event: '1-9' });
  expect(readState(new URLSearchParams(link.split('?')[1]))).toMatchObject({ q: 'rule.id:"x y"', from: 'now-7d', to: 'now', event: '1-9' });
});

it('a name twice is one column', () => {
  expect(readState(new URLSearchParams('columns=a,b,a,,c')).columns).toEqual(['a', 'b', 'c']);
});
