import type { z } from 'zod';
import type { event as eventSchema, searchEventsEndpoint } from '../api/contract/events.ts';
import { toDocument } from '../model/document.ts';
import type { Event } from '../model/event.ts';
import type { SyntaxFault } from '../store/search/node.ts';
import { parseQuery } from '../store/search/parse.ts';
import { CONFIG_OPTION, type Command, DATA_DIR_OPTION, FAULTS, GOOD, UsageError } from './command.ts';
import { type HubAccess, openHub } from './hub-access.ts';
import { output, visible } from './output.ts';
import { rangeOf } from './time-options.ts';

type FoundEvent = z.output<typeof eventSchema>;
type Page = z.output<typeof searchEventsEndpoint.answer>;

/** The most that the API gives at a time. */
const PAGE = 500;

export const search: Command = {
  name: 'search',
  summary: 'Finds events, newest first.',
  operands: 'QUERY',
  operandCount: [1, 1],
  options: {
    since: { type: 'string', value: 'TIME', describe: 'how far back: 15m, 24h, 7d, or a time (default 7d)' },
    until: { type: 'string', value: 'TIME', describe: 'up to when, in the same forms (default: now)' },
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
    const range = rangeOf(call, Date.now(), '7d');
    const parsed = parseQuery(query);
    if (!parsed.ok) return tellFault(query, parsed.error);
    const hub = await openHub(call, { mustExist: true });
    try {
      const more = await find(hub, { q: query, ...range }, limit, call.flag('json') ? asJson : asText);
      // Who chose the limit knows of it.
      if (more && call.text('limit') === undefined) process.stderr.write(`These are the newest ${limit}: --limit takes more.\n`);
      return GOOD;
    } finally {
      await hub.close();
    }
  },
};

/** Prints the newest that match; true where the limit may have cut some off. */
async function find(
  hub: HubAccess,
  query: Readonly<Record<string, string>>,
  limit: number,
  form: (e: FoundEvent) => string,
): Promise<boolean> {
  let cursor: string | undefined;
  for (let left = limit; left > 0 && !output.closed; ) {
    const params = new URLSearchParams({ ...query, limit: `${Math.min(left, PAGE)}`, ...(cursor && { cursor }) });
    const page: Page = await hub.ask<Page>({ method: 'GET', path: `/api/events?${params}` });
    for (const event of page.events) await output.print(form(event));
    left -= page.events.length;
    ({ cursor } = page);
    if (cursor === undefined) {
      if (page.stopped !== undefined)
        process.stderr.write(`There may be more: the search was ended by its bound of ${page.stopped}. Narrow the time or the query.\n`);
      return false;
    }
  }
  return !output.closed;
}

/** The query with a mark under what is wrong. */
function tellFault(query: string, { message, at, length }: SyntaxFault): number {
  const before = visible(query.slice(0, at));
  const wrong = visible(query.slice(at, at + length));
  const blank = before.replace(/[^\t]/gu, ' ');
  process.stderr.write(`earshot: ${message} (EAR_SEARCH_SYNTAX, at character ${at + 1})\n`);
  process.stderr.write(
    `  ${before}${wrong}${visible(query.slice(at + length))}\n  ${blank}${'^'.repeat(Math.max(1, [...wrong].length))}\n`,
  );
  return FAULTS;
}

const asJson = (found: FoundEvent): string => `${JSON.stringify(toDocument(eventOf(found)))}\n`;

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

function asText({ timestamp, fields, original, hits }: FoundEvent): string {
  const known = SHOWN.flatMap((field) => (fields[field] === undefined ? [] : [`${field}=${textOf(fields[field])}`]));
  const message = typeof fields.message === 'string' ? fields.message : original;
  const alarm = hits.map(({ level, title }) => ` [${level}: ${title}]`).join('');
  return `${visible(`${timestamp} ${known.join(' ')}${alarm} ${message}`)}\n`;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
