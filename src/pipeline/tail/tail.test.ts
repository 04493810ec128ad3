import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RecordingTelemetry } from '../../../test/support/recording-telemetry.ts';
import type { Event } from '../../model/event.ts';
import { toLive } from '../../model/live-event.ts';
import type { QueryNode } from '../../store/search/node.ts';
import { parseQuery } from '../../store/search/parse.ts';
import { packTail, unpackTail } from './packed-tail.ts';
import type { FollowedQuery, TailBatch } from './tail-contract.ts';
import { TailHub, type TailListener } from './tail-hub.ts';
import { TailTap } from './tail-tap.ts';

const query = (text: string): QueryNode => {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
};

const event = (seq: number, user = 'alice', text = 'failed login'): Event => ({
  node: 1,
  seq,
  receivedAt: Date.now(),
  timestamp: 0,
  source: 's',
  fields: { 'user.name': user },
  raw: Buffer.from(text),
  hits: [],
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function createTap() {
  const batches: TailBatch[] = [];
  const telemetry = new RecordingTelemetry();
  const tap = new TailTap({ send: (batch) => batches.push(unpackTail(packTail(batch))), telemetry, now: Date.now });
  return { tap, batches, telemetry };
}

describe('the tap in the judge thread', () => {
  it('sends what matches, each event once, with the queries it matches', () => {
    const { tap, batches } = createTap();
    tap.see(toLive(event(1)));
    expect(
      tap.follow([
        { id: 7, query: query('user.name:alice') },
        { id: 8, query: query('failed') },
      ]),
    ).toEqual({ lastSeq: 1 });
    tap.see(toLive(event(2)));
    tap.see(toLive(event(3, 'bob')));
    tap.see(toLive(event(4, 'bob', 'all well')));
    vi.advanceTimersByTime(100);
    expect(batches.map(({ events }) => events.map(({ event: { seq }, queries }) => [seq, queries]))).toEqual([
      [
        [2, [7, 8]],
        [3, [8]],
      ],
    ]);
    expect(batches[0]?.events[0]?.event).toMatchObject({ fields: { 'user.name': 'alice' }, raw: Buffer.from('failed login') });
  });

  it('sends at most 200 a second for one query, counts the rest, and leaves other queries alone', () => {
    const { tap, batches } = createTap();
    tap.follow([
      { id: 1, query: query('*') },
      { id: 2, query: query('user.name:rare') },
    ]);
    for (let seq = 1; seq <= 1000; seq++) tap.see(toLive(event(seq, seq === 900 ? 'rare' : 'alice')));
    vi.advanceTimersByTime(100);
    expect(batches[0]?.events).toHaveLength(201);
    expect(batches[0]?.skipped).toEqual([{ query: 1, count: 800 }]);
    for (let seq = 1001; seq <= 2000; seq++) tap.see(toLive(event(seq)));
    vi.advanceTimersByTime(100);
    expect(batches[1]).toMatchObject({ skipped: [{ query: 1, count: 980 }] });
    expect(batches[1]?.events).toHaveLength(20);
  });

  it('stops asking when that takes too long, counts what it did not look at, and starts again', () => {
    const { tap, batches } = createTap();
    tap.follow([{ id: 1, query: query('*') }]);
    // Each look at the clock is 10 ms later: a question takes 10 ms.
    let clock = 0;
    const spy = vi.spyOn(performance, 'now').mockImplementation(() => (clock += 10));
    for (let seq = 1; seq <= 10; seq++) tap.see(toLive(event(seq)));
    vi.advanceTimersByTime(100);
    expect(batches[0]?.events).toHaveLength(3);
    expect(batches[0]?.unchecked).toBe(7);
    tap.see(toLive(event(11)));
    vi.advanceTimersByTime(100);
    expect(batches[1]?.events).toHaveLength(1);
    spy.mockRestore();
  });

  it('gives way sooner while blocks wait', () => {
    const { tap, batches } = createTap();
    tap.follow([{ id: 1, query: query('*') }]);
    tap.see(toLive({ ...event(1), receivedAt: Date.now() - 60_000 }));
    vi.advanceTimersByTime(100);
    let clock = 0;
    const spy = vi.spyOn(performance, 'now').mockImplementation(() => (clock += 3));
    for (let seq = 2; seq <= 20; seq++) tap.see(toLive(event(seq)));
    vi.advanceTimersByTime(100);
    expect(batches[1]?.events).toHaveLength(2);
    expect(batches[1]?.unchecked).toBe(17);
    spy.mockRestore();
  });

  it('does nothing, and sets no timer, when nobody follows', () => {
    const { tap, batches } = createTap();
    tap.follow([{ id: 1, query: query('*') }]);
    tap.see(toLive(event(1)));
    tap.follow([]);
    tap.see(toLive(event(2)));
    expect(vi.getTimerCount()).toBe(0);
    expect(batches).toEqual([]);
    expect(tap.follow([])).toEqual({ lastSeq: 2 });
  });

  it('a query that fails costs no event its way', () => {
    const { tap, batches, telemetry } = createTap();
    tap.follow([{ id: 1, query: query('user.name:alice') }]);
    const broken = toLive(event(1));
    broken.fields.toFields = () => JSON.parse('{');
    expect(() => tap.see(broken)).not.toThrow();
    vi.advanceTimersByTime(100);
    expect(batches[0]?.unchecked).toBe(1);
    expect(telemetry.logs).toHaveLength(1);
  });
});

class Recorder implements TailListener {
  readonly seqs: number[] = [];
  readonly gaps: string[] = [];
  last: readonly Event[] = [];

  events(events: readonly Event[]): void {
    this.last = events;
    this.seqs.push(...events.map(({ seq }) => seq));
  }

  skipped(count: number, why: string): void {
    this.gaps.push(`${why} ${count}`);
  }
}

describe('the hub of those who follow', () => {
  function createHub() {
    let followed: readonly FollowedQuery[] = [];
    const hub = new TailHub(async (queries) => {
      followed = queries;
      return { lastSeq: 41 };
    });
    return { hub, followed: () => followed };
  }
  const batch = (seqs: readonly number[], queries: readonly number[]): TailBatch => ({
    events: seqs.map((seq) => ({ event: event(seq), queries })),
    skipped: [],
    unchecked: 0,
  });

  it('asks equal queries once, gives all who follow the same array, and forgets a query with its last listener', async () => {
    const { hub, followed } = createHub();
    const [one, two, other] = [new Recorder(), new Recorder(), new Recorder()];
    const first = await hub.follow(query('user.name:alice'), one);
    const second = await hub.follow(query('user.name: "alice"'), two);
    await hub.follow(query('failed'), other);
    expect(followed().map(({ id }) => id)).toEqual([1, 2]);
    expect(first.lastSeq).toBe(41);
    hub.deliver(batch([42, 43], [1]));
    expect(one.seqs).toEqual([42, 43]);
    expect(two.last).toBe(one.last);
    expect(other.seqs).toEqual([]);
    first.stop();
    first.stop();
    hub.deliver(batch([44], [1]));
    expect(one.seqs).toEqual([42, 43]);
    expect(two.seqs).toEqual([42, 43, 44]);
    second.stop();
    await Promise.resolve();
    expect(followed().map(({ id }) => id)).toEqual([2]);
  });

  it('tells what was skipped, to whom it concerns', async () => {
    const { hub } = createHub();
    const [one, two] = [new Recorder(), new Recorder()];
    await hub.follow(query('a'), one);
    await hub.follow(query('b'), two);
    hub.deliver({ events: [], skipped: [{ query: 2, count: 5 }], unchecked: 0 });
    hub.deliver({ events: [], skipped: [], unchecked: 3 });
    expect(one.gaps).toEqual(['busy 3']);
    expect(two.gaps).toEqual(['rate 5', 'busy 3']);
  });

  it('shows nobody an event twice when a block is judged again', async () => {
    const { hub } = createHub();
    const one = new Recorder();
    await hub.follow(query('a'), one);
    hub.deliver(batch([5, 6], [1]));
    hub.deliver(batch([5, 6, 7], [1]));
    expect(one.seqs).toEqual([5, 6, 7]);
  });

  it('follows also while the judge thread is being started anew', async () => {
    const hub = new TailHub(() => Promise.reject(new Error('restarted')));
    const one = new Recorder();
    const following = await hub.follow(query('a'), one);
    expect(following.lastSeq).toBeUndefined();
    hub.deliver(batch([1], [1]));
    expect(one.seqs).toEqual([1]);
  });
});
