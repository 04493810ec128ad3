import { useCallback, useEffect, useRef, useState } from 'react';
import type { z } from 'zod';
import { tailEndpoint, type tailMessages } from '../../../src/api/contract/tail.ts';
import { addressOf } from '../../data/client.ts';
import type { EventView } from '../../parts/event-facts.ts';

type Message<Name extends keyof typeof tailMessages> = z.output<(typeof tailMessages)[Name]>;

export interface Tail {
  /** Newest first. */
  readonly events: readonly EventView[];
  /** That came while somebody read. */
  readonly waiting: number;
  /** That matched and were not shown: too many at once. */
  readonly skipped: number;
  readonly status: 'off' | 'connecting' | 'live' | 'lost' | 'signed_out';
  /** Shows what waits. */
  readonly release: () => void;
}

/** A page holds no more than so many; the search finds the rest. */
const MOST_EVENTS = 2_000;
const NOTHING: readonly EventView[] = [];

/** What matches from now on. While `isHeld`, what comes waits, so that no row moves under a reader's eyes. */
export function useTail(isOn: boolean, q: string, isHeld: boolean): Tail {
  const [events, setEvents] = useState(NOTHING);
  const [waiting, setWaiting] = useState(NOTHING);
  const [skipped, setSkipped] = useState(0);
  const [status, setStatus] = useState<Tail['status']>('off');
  const held = useRef(isHeld);

  const release = useCallback(() => {
    setWaiting((waited) => {
      if (waited.length > 0) setEvents((shown) => [...waited, ...shown].slice(0, MOST_EVENTS));
      return NOTHING;
    });
  }, []);
  useEffect(() => {
    held.current = isHeld;
    if (!isHeld) release();
  }, [isHeld, release]);

  useEffect(() => {
    setEvents(NOTHING);
    setWaiting(NOTHING);
    setSkipped(0);
    if (!isOn) {
      setStatus('off');
      return;
    }
    setStatus('connecting');
    const stream = new EventSource(addressOf(tailEndpoint, { query: { q } }));
    const on = <Name extends keyof typeof tailMessages>(name: Name, use: (message: Message<Name>) => void) =>
      stream.addEventListener(name, ({ data }: MessageEvent<string>) => use(JSON.parse(data) as Message<Name>));
    on('ready', () => setStatus('live'));
    on('events', ({ events: heard }) => {
      const newest = heard.toReversed();
      (held.current ? setWaiting : setEvents)((before) => [...newest, ...before].slice(0, MOST_EVENTS));
    });
    on('gap', ({ skipped: more }) => setSkipped((before) => before + more));
    on('end', ({ why }) => {
      if (why === 'signed_out') {
        stream.close();
        setStatus('signed_out');
      }
    });
    // The browser comes again by itself, unless the hub refused.
    stream.onerror = () => setStatus(stream.readyState === EventSource.CLOSED ? 'lost' : 'connecting');
    return () => stream.close();
  }, [isOn, q]);

  return { events, waiting: waiting.length, skipped, status, release };
}
