import type { App } from './app.ts';
import { type Door, disabledUser, doorsOf, unknownPerson, unknownUser } from './doors.ts';
import type { AlertCounts } from './model/alert-query.ts';
import { LEVELS } from './model/severity.ts';
import type { ClickRequest } from './notify/notifier.ts';
import type { User } from './store/state/accounts.ts';

export interface CommandsDeps extends Pick<App, 'settings' | 'state' | 'alerts'> {
  readonly engine: Pick<App['engine'], 'up'>;
  readonly ingest: Pick<App['ingest'], 'closedBecause'>;
}

/** An answer for the one who asked alone. `refused`: nothing proves whose request it is. */
export type Answered = { readonly kind: 'answer'; readonly text: string } | { readonly kind: 'refused' | 'unreadable' };

const HELP = [
  '`/earshot status` says how many alerts wait, how many are yours, and whether Earshot can do its work.',
  '`/earshot help` says this.',
  'Alerts are acknowledged, taken, put to sleep and resolved by the buttons of their messages.',
].join('\n');

/** Answers a command that somebody typed where alerts are told. Commands only read, and only what that person may see. */
export async function answerCommand(deps: CommandsDeps, type: string, request: ClickRequest): Promise<Answered> {
  const read = doorsOf(deps.settings, type).map((door) => ({ door, command: door.clicks.readCommand(request) }));
  const heard = read.flatMap(({ door, command }) => (command.kind === 'command' ? [{ door, ...command }] : []));
  const known = heard.find(({ door, by }) => door.clicks.userOf(by) !== undefined) ?? heard[0];
  if (known === undefined) return { kind: read.some(({ command }) => command.kind === 'unreadable') ? 'unreadable' : 'refused' };
  return { kind: 'answer', text: await reply(deps, known.door, known.by, known.words) };
}

async function reply(deps: CommandsDeps, door: Door, by: string, words: string): Promise<string> {
  if (words !== 'status') return words === '' || words === 'help' ? HELP : `There is no such command.\n${HELP}`;
  const user = await userOf(deps, door, by);
  return typeof user === 'string' ? user : await status(deps, user);
}

async function userOf({ state }: CommandsDeps, { name: notifier, clicks }: Door, by: string): Promise<User | string> {
  const name = clicks.userOf(by);
  if (name === undefined) return unknownPerson(by, notifier);
  const user = await state.users.byName(name.toLowerCase());
  if (user === undefined) return unknownUser(name, notifier);
  return user.disabled ? disabledUser(name) : user;
}

async function status({ alerts, engine, ingest }: CommandsDeps, { name, datasets }: User): Promise<string> {
  const states = ['open', 'acknowledged', 'snoozed'] as const;
  const all = await alerts.counts({ states, datasets });
  const own = await alerts.counts({ states, datasets, assignee: name });
  const faults = [
    ...(engine.up ? [] : ['the event engine does not answer']),
    ...(ingest.closedBecause === undefined ? [] : [`nothing is taken in: ${ingest.closedBecause}`]),
  ];
  const sum = (state: string) => total(all.counts.filter((each) => each.state === state));
  return [
    `Alerts that you may see: ${sum('open')} open${levels(all.counts)}, ${sum('acknowledged')} acknowledged, ${sum('snoozed')} snoozed; yours: ${total(own.counts)}.`,
    faults.length === 0 ? 'Earshot takes in, judges and tells.' : `Earshot cannot do all of its work: ${faults.join('; ')}.`,
  ].join('\n');
}

type Counts = AlertCounts['counts'];

const total = (counts: Counts): number => counts.reduce((sum, { count }) => sum + count, 0);

function levels(counts: Counts): string {
  const named = LEVELS.toReversed().flatMap((level) => {
    const count = total(counts.filter((each) => each.level === level && each.state === 'open'));
    return count === 0 ? [] : [`${count} ${level}`];
  });
  return named.length === 0 ? '' : ` (${named.join(', ')})`;
}
