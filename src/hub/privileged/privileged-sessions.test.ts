import { expect, it } from 'vitest';
import { seguraSessionEvents } from '../../integrations/segura/session-events.ts';
import { sessionFields } from '../../privileged/session-event.ts';
import { privilegedSessionsSettings } from '../../privileged/settings.ts';
import { sql } from '../../store/sql.ts';
import type { EventEngine } from '../../store/store.ts';
import { PrivilegedSessions } from './privileged-sessions.ts';
import { MOST_EVENTS } from './reading.ts';

const NOW = Date.UTC(2026, 0, 2, 10);
const HOUR = 3_600_000;

/** As the engine gives them: as many as are read at once, of sessions of a minute with a command in each. */
const ACTIONS = ['session_started', 'command_detected', 'session_ended'] as const;
const rows = Array.from({ length: MOST_EVENTS }, (_, i) => {
  const session = Math.floor(i / ACTIONS.length);
  const about: Readonly<Record<string, string>> = { 'user.name': `user${session % 500}`, 'destination.user.name': 'root' };
  return {
    ...{ kind: '0', node: 1, seq: `${i}`, dataset: 'segura.pam', guessed: 0, action: ACTIONS[i % ACTIONS.length] },
    at: `${NOW - HOUR - session * 1_000 + (i % ACTIONS.length) * 30_000}`,
    texts: sessionFields(seguraSessionEvents).map((field) => about[field] ?? '192.0.2.10'),
  };
}).reverse();

const sessions = new PrivilegedSessions({
  engine: { up: true, query: async ({ text }: { text: string }) => (/\bAS kind\b/.test(text) ? rows : []) } as unknown as EventEngine,
  products: [seguraSessionEvents],
  settings: () => privilegedSessionsSettings.parse({}),
  now: () => NOW,
});
const list = (signal?: AbortSignal) => sessions.list({ from: NOW - 24 * HOUR, to: NOW, limit: 50, only: () => sql`1`, signal });

/** Calls each time that the thread gets to other work, until it is told to stop. */
function everyTurn(call: (turn: number) => void): () => void {
  let turns = 0;
  let next = setImmediate(function turn() {
    turns += 1;
    call(turns);
    next = setImmediate(turn);
  });
  return () => clearImmediate(next);
}

it('lets the thread do other work while as many events as are read at once become sessions', async () => {
  let turns = 0;
  const stop = everyTurn((turn) => {
    turns = turn;
  });
  const found = await list();
  stop();
  expect(found.sessions).toHaveLength(50);
  expect(found.sessions[0]).toMatchObject({ id: '1-0', person: 'user0', state: 'ended', commands: 1 });
  expect(turns).toBeGreaterThan(10);
});

it('makes no more of them once nobody waits for them', async () => {
  const caller = new AbortController();
  const stop = everyTurn((turn) => {
    if (turn === 5) caller.abort();
  });
  await expect(list(caller.signal)).rejects.toMatchObject({ fault: { code: 'cancelled' } });
  stop();
});
