import { z } from 'zod';
import type { PostedMessage } from '../simulators/slack-webhook.ts';
import type { HubProcess } from './hub-process.ts';
import { idIn, userOf } from './numbered-messages.ts';

const Page = z.object({ events: z.array(z.object({ id: z.string(), original: z.string() })), cursor: z.string().optional() });
const Alerts = z.object({
  alerts: z.array(z.object({ id: z.string(), rule_name: z.string(), group: z.record(z.string(), z.string()), count: z.number() })),
  cursor: z.string().optional(),
});

const Verified = z.looseObject({ verifiedEvents: z.number(), difference: z.unknown().optional() });

export type StoredEvent = z.output<typeof Page>['events'][number];
export type StoredAlert = z.output<typeof Alerts>['alerts'][number];

/** What went wrong, by name; all empty when nothing did. */
export type Faults = Readonly<Record<string, readonly string[]>>;

const FROM = 'from=now-1d&limit=500';

/** All events but Earshot's own, each with its bytes. */
export async function readEvents(hub: HubProcess): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (let cursor: string | undefined; ; ) {
    const q = encodeURIComponent('NOT event.dataset:earshot.audit');
    const { status, json } = await hub.get(`/api/events?q=${q}&${FROM}${cursor === undefined ? '' : `&cursor=${cursor}`}`);
    if (status !== 200) throw new Error(`search: ${status} ${JSON.stringify(json)}`);
    const page = Page.parse(json);
    events.push(...page.events);
    cursor = page.cursor;
    if (cursor === undefined) return events;
  }
}

export async function readAlerts(hub: HubProcess): Promise<StoredAlert[]> {
  const alerts: StoredAlert[] = [];
  for (let cursor: string | undefined; ; ) {
    const { json } = await hub.get(`/api/alerts?${FROM}${cursor === undefined ? '' : `&cursor=${cursor}`}`);
    const page = Alerts.parse(json);
    alerts.push(...page.alerts);
    cursor = page.cursor;
    if (cursor === undefined) return alerts;
  }
}

export interface Sent {
  readonly relp: ReadonlySet<string>;
  readonly thrice: ReadonlySet<string>;
  readonly http: ReadonlySet<string>;
  readonly import: ReadonlySet<string>;
}

/** Everything acknowledged is there; what has an identity is there once; what was sent three times is there three times. */
export function checkEvents(events: readonly StoredEvent[], sent: Sent): Faults {
  const times = new Map<string, number>();
  for (const { original } of events) {
    const id = idIn(original);
    if (id !== undefined) times.set(id, (times.get(id) ?? 0) + 1);
  }
  const timesOf = (id: string) => times.get(id) ?? 0;
  const not = (ids: Iterable<string>, count: number) => [...ids].filter((id) => timesOf(id) !== count).map((id) => `${id}: ${timesOf(id)}`);
  return {
    eventIdsTwice: twice(events.map(({ id }) => id)),
    lostByRelp: [...sent.relp].filter((id) => timesOf(id) === 0),
    notThrice: not(sent.thrice, 3),
    notOnceByHttp: not(sent.http, 1),
    notOnceByImport: not(sent.import, 1),
    // Also what was never acknowledged, such as the body that a kill cut short, is stored once or not at all.
    keyedTwice: [...times].filter(([id, count]) => /^(http|file)/.test(id) && count > 1).map(([id, count]) => `${id}: ${count}`),
  };
}

/** Each alarming message's user has one alert, and it counts exactly the stored messages. */
export function checkAlerts(events: readonly StoredEvent[], alerts: readonly StoredAlert[]): Faults {
  const expected = new Map<string, number>();
  for (const { original } of events) {
    const id = idIn(original);
    if (id === undefined || !original.includes('NOT in sudoers')) continue;
    expected.set(userOf(id), (expected.get(userOf(id)) ?? 0) + 1);
  }
  const users = alerts.map((alert) => alert.group['user.name'] ?? '');
  const counts = new Map(alerts.map((alert) => [alert.group['user.name'] ?? '', alert.count]));
  return {
    alertsTwice: twice(users),
    alertsMissing: [...expected.keys()].filter((user) => !counts.has(user)),
    alertsTooMany: users.filter((user) => !expected.has(user)),
    alertCounts: [...expected]
      .filter(([user, n]) => counts.has(user) && counts.get(user) !== n)
      .map(([user, n]) => `${user}: ${counts.get(user)} of ${n}`),
  };
}

/** Every alert was told, by name or as one of the more in a burst; a name that comes again is marked as a possible repeat. */
export function checkSlack(alerts: readonly StoredAlert[], messages: readonly PostedMessage[]): Faults {
  const seen = new Set<string>();
  const unmarked: string[] = [];
  let unnamed = 0;
  for (const { text } of messages) {
    unnamed += Number(/ shown, (\d+) more\)/.exec(text)?.[1] ?? 0);
    for (const [user] of text.matchAll(/u(?:relp|http|file\d+)\d+x/g)) {
      if (seen.has(user) && !text.startsWith('(possible repeat)')) unmarked.push(user);
      seen.add(user);
    }
  }
  const untold = alerts.map((alert) => alert.group['user.name'] ?? '').filter((user) => !seen.has(user));
  return { slackUntold: untold.length > unnamed ? untold : [], slackRepeatsUnmarked: unmarked };
}

/** `earshot verify --json` found no difference, and looked at no fewer events than there are. */
export function checkVerified(events: readonly StoredEvent[], output: string): Faults {
  const report = Verified.parse(JSON.parse(output));
  const good = report.difference === undefined && report.verifiedEvents >= events.length;
  return { notVerified: good ? [] : [`${output.trim()} of ${events.length} events`] };
}

function twice(values: readonly string[]): string[] {
  const seen = new Set<string>();
  return values.filter((value) => seen.size === seen.add(value).size);
}
