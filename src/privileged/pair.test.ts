import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seguraSessionEvents } from '../integrations/segura/session-events.ts';
import { atOnce } from '../lib/steps.ts';
import type { SessionEvents } from '../model/privileged-session.ts';
import { type Paired, pairSessions } from './pair.ts';
import type { SessionEvent } from './session-event.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LONGEST = 24 * HOUR;
const WHO = { 'user.name': 'ana', 'destination.user.name': 'root', 'destination.ip': '192.0.2.10' };

let seq = 0;
/** An event at so many minutes. */
function at(minutes: number, action: string, texts: Readonly<Record<string, string>> = {}): SessionEvent {
  seq += 1;
  return { node: 1, seq, at: minutes * MINUTE, dataset: 'segura.pam', action, guessed: false, texts: { ...WHO, ...texts } };
}
const start = (minutes: number, texts?: Readonly<Record<string, string>>) => at(minutes, 'session_started', texts);
const end = (minutes: number, texts?: Readonly<Record<string, string>>) => at(minutes, 'session_ended', texts);
const cut = (minutes: number, texts?: Readonly<Record<string, string>>) => at(minutes, 'command_blocked_session_ended', texts);

const pair = (events: readonly SessionEvent[], product: SessionEvents = seguraSessionEvents) =>
  atOnce(pairSessions(product, events, LONGEST));
const minutes = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / MINUTE);
const spans = (sessions: readonly Paired[]) =>
  sessions
    .map(({ startedAt, closed }) => [minutes(startedAt), minutes(closed?.at)])
    .sort((a, b) => (a[0] ?? a[1] ?? 0) - (b[0] ?? b[1] ?? 0));

describe('sessions of start and end', () => {
  it('are those of one person with one account on one machine, in any case of letters', () => {
    const events = [
      start(0),
      start(1, { 'destination.ip': '192.0.2.11' }),
      start(2, { 'user.name': 'ben' }),
      end(5, { 'user.name': 'ANA' }),
      end(6, { 'user.name': 'ben' }),
    ];
    expect(spans(pair(events))).toEqual([
      [0, 5],
      [1, undefined],
      [2, 6],
    ]);
  });

  it('are the same in whatever order the events came', () => {
    const events = [start(0), end(10), start(20), start(30), end(40), end(50), cut(60), start(70)];
    const wanted = spans(pair(events));
    fc.assert(
      fc.property(fc.shuffledSubarray(events, { minLength: events.length }), (shuffled) => {
        expect(spans(pair(shuffled))).toEqual(wanted);
      }),
    );
  });

  it('of which an end is missing leave the next one alone', () => {
    expect(spans(pair([start(0), start(60), end(70)]))).toEqual([
      [0, undefined],
      [60, 70],
    ]);
  });

  it('may be one within another', () => {
    expect(spans(pair([start(0), start(10), end(20), end(30)]))).toEqual([
      [0, 30],
      [10, 20],
    ]);
  });

  it('may begin in the moment in which the one before ends', () => {
    expect(spans(pair([start(0), start(10), end(10), end(20)]))).toEqual([
      [0, 10],
      [10, 20],
    ]);
    expect(spans(pair([end(10), start(10)]))).toEqual([[10, 10]]);
  });

  it('with an end and no start are told as such', () => {
    expect(spans(pair([end(5)]))).toEqual([[undefined, 5]]);
  });

  it('do not take an end that comes too late', () => {
    expect(spans(pair([start(0), end(24 * 60)]))).toEqual([[0, 24 * 60]]);
    expect(spans(pair([start(0), end(24 * 60 + 1)]))).toEqual([
      [0, undefined],
      [undefined, 24 * 60 + 1],
    ]);
  });

  it('count an event that is sent again once', () => {
    const found = pair([start(0), start(0), end(5), end(5), end(5)]);
    expect(spans(found)).toEqual([[0, 5]]);
    expect(found.map(({ repeats }) => repeats.length)).toEqual([3]);
  });

  it('may end at once, two of them', () => {
    expect(spans(pair([start(0), start(1), end(5), end(5)]))).toEqual([
      [0, 5],
      [1, 5],
    ]);
  });

  it('whose number is used again are two', () => {
    const product: SessionEvents = { ...seguraSessionEvents, keys: [['session.id']] };
    const id = { 'session.id': '4' };
    expect(spans(pair([start(0, id), end(5, id), start(60, id), end(65, id)], product))).toEqual([
      [0, 5],
      [60, 65],
    ]);
  });

  it('by the beginning that an end tells, where it tells one', () => {
    const told = (minute: number) => ({ 'event.start': new Date(minute * MINUTE).toISOString() });
    const product: SessionEvents = { ...seguraSessionEvents, began: 'event.start' };
    expect(spans(pair([start(0), start(10), end(20, told(0)), end(30, told(10))], product))).toEqual([
      [0, 20],
      [10, 30],
    ]);
    expect(spans(pair([start(10), end(20, told(5))], product))).toEqual([
      [5, 20],
      [10, undefined],
    ]);
  });

  it('that are cut off end then, or when their own end is told', () => {
    expect(spans(pair([start(0), cut(5)]))).toEqual([[0, 5]]);
    const [both] = pair([start(0), cut(5), end(6)]);
    expect([minutes(both?.cut?.at), minutes(both?.closed?.at)]).toEqual([5, 6]);
    expect(spans(pair([start(0), cut(5), start(60), end(70)]))).toEqual([
      [0, 5],
      [60, 70],
    ]);
    expect(spans(pair([cut(5), end(6)]))).toEqual([[undefined, 6]]);
  });

  it('take no part where the event does not say whose they are', () => {
    expect(pair([start(0, { 'user.name': '' }), end(1, { 'destination.user.name': '' })])).toEqual([]);
  });

  it('can be read a stretch at a time', () => {
    const event = fc.tuple(fc.integer({ min: 0, max: 8 * 24 * 6 }), fc.constantFrom('session_started', 'session_ended'));
    fc.assert(
      fc.property(fc.uniqueArray(event, { maxLength: 60, selector: ([ten, action]) => `${ten} ${action}` }), (drafts) => {
        const events = drafts.map(([ten, action]) => at(ten * 10, action));
        const whole = pair(events);
        const [from, to] = [3 * 24 * HOUR, 4 * 24 * HOUR];
        const isIn = ({ first }: Paired) => first.at >= from && first.at < to;
        const part = pair(events.filter((each) => each.at >= from - LONGEST && each.at < to + LONGEST));
        expect(spans(part.filter(isIn))).toEqual(spans(whole.filter(isIn)));
      }),
    );
  });
});

describe('what is done in sessions', () => {
  const commands = (sessions: readonly Paired[]) => sessions.map(({ deeds }) => deeds.map(({ event }) => minutes(event.at)));

  it('is that of the latest that was open with its key', () => {
    const events = [start(0), at(1, 'command_detected'), start(10), at(11, 'command_blocked'), end(20), at(21, 'command_allowed'), end(30)];
    expect(commands(pair([...events, at(31, 'command_detected')]))).toEqual([[1, 21], [11]]);
  });

  it('is that of the only one of its person where the event names no machine', () => {
    const nowhere = { 'destination.ip': '', 'destination.user.name': '' };
    const events = [start(0), at(1, 'command_detected', nowhere), end(5), start(10, { 'destination.ip': '192.0.2.11' })];
    const two = [...events, start(11), at(12, 'command_detected', nowhere), at(13, 'command_detected', { ...nowhere, 'user.name': 'ben' })];
    expect(commands(pair(events))).toEqual([[1], []]);
    expect(commands(pair(two)).flat()).toEqual([1]);
  });

  it('is found as if all sessions were looked through each time', () => {
    const nowhere = { 'destination.ip': '' };
    const machines = [nowhere, { 'destination.ip': '192.0.2.10' }, { 'destination.ip': '192.0.2.11' }];
    const event = fc.tuple(
      fc.integer({ min: 0, max: 40 }),
      fc.constantFrom('session_started', 'session_ended', 'command_blocked_session_ended', 'command_detected'),
      fc.constantFrom(...machines),
    );
    const spansIt = ({ startedAt, closed, cut }: Paired, moment: number): boolean =>
      cut?.at === moment || (startedAt !== undefined && startedAt <= moment && moment <= (closed?.at ?? startedAt + LONGEST));
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (drafts) => {
        const events = drafts.map(([minute, action, texts]) => at(minute, action, texts));
        const sessions = pair(events);
        for (const deed of events.filter(({ action }) => action.startsWith('command'))) {
          const machine = deed.texts['destination.ip'];
          const during = sessions.filter(
            (each) => (machine === '' || each.first.texts['destination.ip'] === machine) && spansIt(each, deed.at),
          );
          const wanted = machine === '' && during.length !== 1 ? undefined : during.at(-1);
          expect(sessions.find(({ deeds }) => deeds.some(({ event: each }) => each === deed))).toBe(wanted);
        }
      }),
    );
  });

  it('has the command for which it was cut off', () => {
    const [session] = pair([start(0), cut(5)]);
    expect(session?.deeds.map(({ deed }) => deed)).toEqual(['command_blocked']);
  });
});
