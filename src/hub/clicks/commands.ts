import type { App } from '../../app.ts';
import { type Door, userBehind } from '../../doors.ts';
import type { AlertCounts } from '../../model/alert-query.ts';
import type { Answer } from '../../model/answer.ts';
import type { TypedCommand } from '../../model/click.ts';
import { LEVELS } from '../../model/severity.ts';
import type { User } from '../../store/state/accounts.ts';
import type { StateTransaction } from '../../store/state/state.ts';
import type { EventEngine } from '../../store/store.ts';
import type { Listening } from '../listening/listening.ts';
import { type HubFaultsDeps, hubFaults } from './hub-faults.ts';
import { answerListen, type ListenAsker } from './listen-command.ts';
import { answerMute, answerUnmute, type MuteDeps } from './mute-command.ts';
import { answerWhoTouched } from './who-touched.ts';

export interface CommandsDeps extends Pick<App, 'settings' | 'state' | 'alerts' | 'audit' | 'telemetry' | 'fetch'> {
  readonly engine: EventEngine;
  readonly ingest: HubFaultsDeps['ingest'];
  readonly lookUps: Pick<App['lookUps'], 'names'>;
  readonly listening: Pick<Listening, 'refresh'>;
  readonly lineFaults: HubFaultsDeps['lineFaults'];
  readonly muting: MuteDeps['muting'];
  readonly ruleBook: MuteDeps['ruleBook'];
}

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

/** What the commands of a hub need of it, as it is at each of them. */
export function commandsDeps(app: App, lineFaults: CommandsDeps['lineFaults']): CommandsDeps {
  const { state, alerts, telemetry, fetch, engine, ingest, lookUps, listening, muting, ruleBook } = app;
  return {
    ...{ state, alerts, telemetry, fetch, engine, ingest, lookUps, listening, muting, ruleBook, lineFaults },
    get settings() {
      return app.settings;
    },
    audit: (event) => app.audit(event),
  };
}

/** A command, and what is written in the same transaction as the last thing that it changes. */
export interface RunCommand extends TypedCommand {
  alongside(tx: StateTransaction): Promise<void>;
}

/** Does what somebody typed, and gives the answer: only with what that person may see. */
export async function answerTo(deps: CommandsDeps, door: Door, { by, typed, channel, at: now, alongside }: RunCommand): Promise<Answer> {
  const command = COMMANDS.find(({ words }) => words.test(typed));
  if (command === undefined) return /^(help)?$/i.test(typed) ? HELP : [['There is no such command.'], ...HELP];
  const user = await userBehind(deps.state, door.name, door.clicks, by);
  if (typeof user === 'string') return [[user]];
  return command.answer(deps, typed.replace(command.words, '').trim(), { user, person: by, now, door, channel, alongside });
}

interface CommandAnswers {
  readonly words: RegExp;
  readonly answer: (deps: CommandsDeps, rest: string, asker: ListenAsker) => Promise<Answer>;
}

const COMMANDS: readonly CommandAnswers[] = [
  { words: /^status$/i, answer: (deps, _, { user, now }) => status(deps, user, now) },
  {
    words: /^who\s+(?:has\s+)?touched(?=\s|$)/i,
    answer: answerWhoTouched,
  },
  { words: /^listen(?=\s|$)/i, answer: answerListen },
  { words: /^mute(?=\s|$)/i, answer: answerMute },
  { words: /^unmute(?=\s|$)/i, answer: answerUnmute },
];

async function status(deps: CommandsDeps, user: User, now: number): Promise<Answer> {
  const { name, datasets } = user;
  const states = ['open', 'acknowledged', 'snoozed'] as const;
  const all = await deps.alerts.counts({ states, datasets });
  const own = await deps.alerts.counts({ states, datasets, assignee: name });
  const faults = await hubFaults(deps, user, now);
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
