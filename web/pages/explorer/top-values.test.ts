import { afterEach, expect, it, vi } from 'vitest';
import { barsOf, topValuesOf } from './top-values.ts';

const asked: { readonly fields: string[]; readonly signal: AbortSignal }[] = [];

/** A hub that counts nothing of anything. */
vi.stubGlobal('fetch', (address: string, { signal }: { readonly signal: AbortSignal }) => {
  const fields = new URLSearchParams(address.split('?')[1]).get('fields')?.split(',') ?? [];
  asked.push({ fields, signal });
  if (signal.aborted) return Promise.reject(new DOMException('given up', 'AbortError'));
  const top = fields.map((field) => ({ field, total: 0, missing: 0, values: [], distinct: 0, others: 0 }));
  return Promise.resolve(new Response(JSON.stringify({ top, histogram: { interval_ms: 1, total: 0, bars: [] } })));
});

afterEach(() => {
  asked.length = 0;
});

const span = { q: 'a', from: 'now-1h' };
const wanting = () => new AbortController().signal;

it('asks once for what is wanted of the same events in the same turn', async () => {
  const found = await Promise.all(['user.name', 'source.ip', 'user.name'].map((field) => topValuesOf(span, field, 8, wanting())));
  expect(found.map(({ field }) => field)).toEqual(['user.name', 'source.ip', 'user.name']);
  expect(asked.map(({ fields }) => fields)).toEqual([['user.name', 'source.ip']]);
});

it('asks for the bars in the same call', async () => {
  const [bars] = await Promise.all([barsOf(span, { by: '', buckets: 9 }, 8, wanting()), topValuesOf(span, 'user.name', 8, wanting())]);
  expect(bars.interval_ms).toBe(1);
  expect(asked.map(({ fields }) => fields)).toEqual([['user.name']]);
});

it('asks apart for other events, for what is wanted later, and for more than one call counts', async () => {
  await Promise.all([topValuesOf(span, 'a', 8, wanting()), topValuesOf({ ...span, q: 'b' }, 'a', 8, wanting())]);
  await topValuesOf(span, 'late', 8, wanting());
  await Promise.all([...'abcdefghi'].map((field) => topValuesOf(span, field, 8, wanting())));
  expect(asked.map(({ fields }) => fields)).toEqual([['a'], ['a'], ['late'], [...'abcdefgh'], ['i']]);
});

it('is given up when nobody wants any of it, and not before', async () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const answers = Promise.allSettled([topValuesOf(span, 'a', 8, one.signal), topValuesOf(span, 'b', 8, other.signal)]);
  one.abort();
  await answers;
  expect(asked.map(({ signal }) => signal.aborted)).toEqual([false]);
  other.abort();
  expect(asked.map(({ signal }) => signal.aborted)).toEqual([true]);
});
