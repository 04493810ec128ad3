import type { App } from './app.ts';
import { type Door, doorsOf, userBehind } from './doors.ts';
import { answerListen, type ListenAsker } from './listen-command.ts';
import type { Listening } from './listening.ts';
import type { AlertCounts } from './model/alert-query.ts';
import type { Answer } from './model/answer.ts';
import type { AuditEvent } from './model/audit.ts';
import { LEVELS } from './model/severity.ts';
import { answerMute, answerUnmute, type MuteDeps } from './mute-command.ts';
import type { ClickRequest, Command, Written } from './notify/notifier.ts';
import type { User } from './store/state/accounts.ts';
import type { EventEngine } from './store/store.ts';
import { answerWhoTouched } from './who-touched.ts';

export interface CommandsDeps extends Pick<App, 'settings' | 'state' | 'alerts' | 'audit' | 'telemetry' | 'fetch'> {
  readonly engine: EventEngine;
  readonly ingest: Pick<App['ingest'], 'closedBecause'>;
  readonly lookUps: Pick<App['lookUps'], 'names'>;
  readonly listening: Pick<Listening, 'refresh'>;
  /** Connections that are down, over which clicks would come. */
  readonly lineFaults: () => readonly { readonly notifier: string; readonly why: string }[];
  readonly muting: MuteDeps['muting'];
  readonly ruleBook: MuteDeps['ruleBook'];
}

/** An answer for the one who asked alone. `refused`: nothing proves whose request it is. */
export type Answered = ({ readonly kind: 'answer' } & Written) | { readonly kind: 'refused' | 'unreadable' };

/** Each command is acknowledged within half a second. What takes longer than this is answered where Slack has said that it may be. */
const PATIENCE_MS = 400;
const TELL_TIMEOUT_MS = 5_000;

const HELP: Answer = [
  [{ code: '/earshot status' }, ' says how many alerts wait, how many are yours, and whether Earshot can do its work.'],
  [
    { code: '/earshot who touched prod-db' },
    ' says who acts in the events that have these words, in the last 24 hours; or ',
    { code: 'today' },
    ', ',
    { code: 'yesterday' },
    ', ',
    { code: 'since 3d' },
    ', ',
    { code: 'since 09:00' },
    '.',
  ],
  [
    { code: '/earshot listen prod-db' },
    ' tells you of events and alerts that have these words; ',
    { code: '… here' },
    ' this channel; ',
    { code: '… quiet 22:00-07:00' },
    ', ',
    { code: '… at most 5' },
    ' an hour; ',
    { code: '/earshot listen list' },
    ', ',
    { code: '/earshot listen stop prod-db' },
    '.',
  ],
  [
    { code: '/earshot mute web1.example.com for 2h' },
    ', ',
    { code: '/earshot mute rule NAME for 1d because …' },
    ' keep something out of this channel for a while; ',
    { code: '/earshot mute list' },
    ', ',
    { code: '/earshot unmute web1.example.com' },
    '.',
  ],
  [{ code: '/earshot help' }, ' says this.'],
  ['Alerts are acknowledged, taken, put to sleep and resolved by the buttons of their messages.'],
];

/** Answers commands for a hub, whichever way they come. */
export function commandsOf(app: App, lineFaults: CommandsDeps['lineFaults']): (type: string, request: ClickRequest) => Promise<Answered> {
  const { state, alerts, telemetry, fetch, engine, ingest, lookUps, listening, muting, ruleBook } = app;
  const audit = (event: AuditEvent) => app.audit(event);
  const deps = { state, alerts, telemetry, fetch, engine, ingest, lookUps, listening, muting, ruleBook, audit, lineFaults };
  return (type, request) => answerCommand({ ...deps, settings: app.settings }, type, request);
}

/** Answers a command that somebody typed where alerts are told: only with what that person may see, and nobody else is told. */
export async function answerCommand(deps: CommandsDeps, type: string, request: ClickRequest): Promise<Answered> {
  const read = doorsOf(deps.settings, type).map((door) => ({ door, command: door.clicks.readCommand(request) }));
  const heard = read.flatMap(({ door, command }) => (command.kind === 'command' ? [{ door, command }] : []));
  const knowing = heard.filter(({ door, command }) => door.clicks.userOf(command.by) !== undefined);
  // Of several notifiers of one app, the one that tells alerts where it was typed.
  const here = knowing.find(({ door, command: { channel } }) => channel !== undefined && door.clicks.tellsIn(channel));
  const known = here ?? knowing[0] ?? heard[0];
  if (known === undefined) return { kind: read.some(({ command }) => command.kind === 'unreadable') ? 'unreadable' : 'refused' };
  const { door, command } = known;
  const answer = await soonOrLater(deps, door, command, reply(deps, door, command, request.now));
  return { kind: 'answer', ...door.clicks.write(answer, deps.settings.api.public_url) };
}

/** The answer itself where it comes in time; else a word that it comes, and then the answer. */
async function soonOrLater(deps: CommandsDeps, door: Door, { replyTo }: Command, answering: Promise<Answer>): Promise<Answer> {
  if (replyTo === undefined) return answering;
  const timer = Promise.withResolvers<undefined>();
  const timeout = setTimeout(() => timer.resolve(undefined), PATIENCE_MS);
  const soon = await Promise.race([answering, timer.promise]).finally(() => clearTimeout(timeout));
  if (soon !== undefined) return soon;
  void answering
    .catch((error: unknown): Answer => {
      deps.telemetry.log('error', 'a command failed', { error: String(error) });
      return [['It could not be worked out: a fault of Earshot, which its log names.']];
    })
    .then((answer) => tellLater(deps, door, replyTo, answer));
  return [['Looking. What is found comes here in a moment.']];
}

async function tellLater(
  { settings, telemetry, fetch }: CommandsDeps,
  { name, clicks }: Door,
  replyTo: string,
  answer: Answer,
): Promise<void> {
  const signal = AbortSignal.timeout(TELL_TIMEOUT_MS);
  const told = await clicks.answer(replyTo, answer, { fetch, signal, pageUrl: settings.api.public_url });
  if (told.verdict !== 'delivered') telemetry.log('warn', 'who asked was not answered', { notifier: name, why: told.why });
}

async function reply(deps: CommandsDeps, door: Door, { by, text, channel }: Command, now: number): Promise<Answer> {
  const command = COMMANDS.find(({ words }) => words.test(text));
  if (command === undefined) return /^(help)?$/i.test(text) ? HELP : [['There is no such command.'], ...HELP];
  const user = await userBehind(deps.state, door.name, door.clicks, by);
  if (typeof user === 'string') return [[user]];
  return command.answer(deps, text.replace(command.words, '').trim(), { user, person: by, now, door, channel });
}

interface CommandAnswers {
  readonly words: RegExp;
  readonly answer: (deps: CommandsDeps, rest: string, asker: ListenAsker) => Promise<Answer>;
}

const COMMANDS: readonly CommandAnswers[] = [
  { words: /^status$/i, answer: (deps, _, { user }) => status(deps, user) },
  {
    words: /^who\s+(?:has\s+)?touched(?=\s|$)/i,
    answer: answerWhoTouched,
  },
  { words: /^listen(?=\s|$)/i, answer: answerListen },
  { words: /^mute(?=\s|$)/i, answer: answerMute },
  { words: /^unmute(?=\s|$)/i, answer: answerUnmute },
];

async function status({ alerts, engine, ingest, lineFaults }: CommandsDeps, { name, datasets }: User): Promise<Answer> {
  const states = ['open', 'acknowledged', 'snoozed'] as const;
  const all = await alerts.counts({ states, datasets });
  const own = await alerts.counts({ states, datasets, assignee: name });
  const faults = [
    ...(engine.up ? [] : ['the event engine does not answer']),
    ...(ingest.closedBecause === undefined ? [] : [`nothing is taken in: ${ingest.closedBecause}`]),
    ...lineFaults().map(({ notifier, why }) => `the sockets of ${notifier} are down: ${why}`),
  ];
  const sum = (state: string) => total(all.counts.filter((each) => each.state === state));
  return [
    [
      `Alerts that you may see: ${sum('open')} open${levels(all.counts)}, ${sum('acknowledged')} acknowledged, ${sum('snoozed')} snoozed; yours: ${total(own.counts)}.`,
    ],
    [faults.length === 0 ? 'Earshot takes in, judges and tells.' : `Earshot cannot do all of its work: ${faults.join('; ')}.`],
  ];
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
