import type { z } from 'zod';
import type { event as eventSchema, searchEventsEndpoint } from '../api/contract/events.ts';
import { toDocument } from '../model/document.ts';
import type { Event } from '../model/event.ts';
import { CONFIG_OPTION, type Command, DATA_DIR_OPTION, GOOD, UsageError } from './command.ts';
import { openHub } from './hub-access.ts';

type FoundEvent = z.output<typeof eventSchema>;
type Page = z.output<typeof searchEventsEndpoint.answer>;

const PAGE = 500;

export const search: Command = {
  name: 'search',
  summary: 'Finds events, newest first.',
  operands: 'QUERY',
  operandCount: [1, 1],
  options: {
    since: { type: 'string', value: 'TIME', describe: 'how far back: 15m, 24h, 7d, or a time (default 7d)' },
    until: { type: 'string', value: 'TIME', describe: 'up to when (default: now)' },
    limit: { type: 'string', short: 'n', value: 'N', describe: 'at most so many events (default 50)' },
    json: { type: 'boolean', describe: 'one ECS event a line, nested' },
    config: CONFIG_OPTION,
    'data-dir': DATA_DIR_OPTION,
  },
  examples: [
    "earshot search 'user.name:svc-backup AND event.action:ssh_*' --since 24h",
    'earshot search \'source.ip:10.0.0.0/8 AND NOT "backup"\' --json | jq .user.name',
  ],
  run: async (call) => {
    const [query = ''] = call.positionals;
    const limit = Number(call.text('limit') ?? 50);
    if (!Number.isInteger(limit) || limit < 1) throw new UsageError('--limit takes a whole number from 1');
    const from = timeOf(call.text('since') ?? '7d');
    const until = call.text('until');
    const hub = await openHub(call);
    try {
      const print = call.flag('json') ? printJson : printText;
      let cursor: string | undefined;
      let stopped: Page['stopped'];
      for (let left = limit; left > 0; ) {
        const params = { q: query, from, limit: `${Math.min(left, PAGE)}`, ...(until && { to: timeOf(until) }), ...(cursor && { cursor }) };
        const page: Page = await hub.ask<Page>({ method: 'GET', path: `/api/events?${new URLSearchParams(params)}` });
        for (const event of page.events) print(event);
        left -= page.events.length;
        ({ cursor, stopped } = page);
        if (cursor === undefined) break;
      }
      if (stopped !== undefined)
        process.stderr.write(`There may be more: the search was ended by its bound of ${stopped}. Narrow the time or the query.\n`);
      return GOOD;
    } finally {
      await hub.close();
    }
  },
};

/** `7d` is `now-7d` to the API; anything else is a time as it is. */
const timeOf = (text: string): string => (/^\d+[smhdw]$/.test(text) ? `now-${text}` : text);

function printJson(found: FoundEvent): void {
  process.stdout.write(`${JSON.stringify(toDocument(eventOf(found)))}\n`);
}

function eventOf({ id, timestamp, ingested, source, fields, original, original_base64, hits }: FoundEvent): Event {
  const [node, seq] = id.split('-').map(Number);
  const raw = original_base64 === undefined ? Buffer.from(original) : Buffer.from(original_base64, 'base64');
  return {
    node: node ?? 0,
    seq: seq ?? 0,
    timestamp: Date.parse(timestamp),
    receivedAt: Date.parse(ingested),
    source,
    fields: fields as Event['fields'],
    raw,
    hits: hits as Event['hits'],
  };
}

const SHOWN = ['host.name', 'event.action', 'event.outcome', 'user.name', 'source.ip'] as const;

function printText({ timestamp, fields, original, hits }: FoundEvent): void {
  const known = SHOWN.flatMap((field) => (fields[field] === undefined ? [] : [`${field}=${String(fields[field])}`]));
  const message = typeof fields.message === 'string' ? fields.message : original;
  const alarm = hits.map(({ level, title }) => ` [${level}: ${title}]`).join('');
  process.stdout.write(`${timestamp} ${known.join(' ')}${alarm} ${visible(message)}\n`);
}

/** What a sender wrote must not move the cursor or colour the terminal. */
const visible = (text: string): string => text.replace(/\p{Cc}/gu, (c) => JSON.stringify(c).slice(1, -1));
