import { mayWork } from '../../api/colleagues.ts';
import type { App } from '../../app.ts';
import { membersOf } from '../../detect/sigma/load.ts';
import type { Answer, Span } from '../../model/answer.ts';
import type { Mute, NewMute } from '../../model/mute.ts';
import type { User } from '../../store/state/accounts.ts';
import { durationMs, unquoted } from './command-words.ts';
import type { ListenAsker } from './listen-command.ts';
import type { Muting } from './muting.ts';

export interface MuteDeps extends Pick<App, 'state'> {
  readonly muting: Pick<Muting, 'mutes' | 'mute' | 'unmute'>;
  readonly ruleBook: { readonly loaded: Parameters<typeof membersOf>[0] };
}

const HOUR_MS = 3_600_000;
const MOST_MS = 30 * 24 * HOUR_MS;
const LONGEST = 200;
const REASON = 300;

const USAGE: Answer = [
  [
    'Say what, and for how long: ',
    { code: '/earshot mute rule linux_sudo_failure for 2h because maintenance' },
    ' or ',
    { code: '/earshot mute web1.example.com for 1d' },
    '.',
  ],
  [
    'In a channel where alerts are told, alerts of that rule, or about that person, host or address, are not told there until then. Elsewhere it mutes what you alone listen for. ',
    { code: '/earshot mute list' },
    ', ',
    { code: '/earshot unmute web1.example.com' },
    '.',
  ],
];

/** What was typed behind `mute`. */
export interface TypedMute {
  readonly kind: Mute['kind'];
  readonly what: string;
  readonly forMs: number;
  readonly reason: string;
}

/** Reads `[rule] WHAT [for 2h] [because …]`: an hour, where nothing is said. Undefined where it cannot be read. */
export function readTypedMute(text: string): TypedMute | undefined {
  const [, before = '', reason = ''] = /^(.*?)(?:\s+because\s+(.+))?$/isu.exec(text.trim()) ?? [];
  const [, named = '', time] = /^(.*?)(?:\s+for\s+(\d+\s?\w))?$/isu.exec(before) ?? [];
  const forMs = time === undefined ? HOUR_MS : durationMs(time.toLowerCase());
  const [, isRule, rest = ''] = /^(rule(?:\s+|$))?(.*)$/isu.exec(named.trim()) ?? [];
  const what = unquoted(rest.trim());
  if (what === '' || what.length > LONGEST || forMs === undefined || forMs > MOST_MS) return undefined;
  return { kind: isRule === undefined ? 'subject' : 'rule', what, forMs, reason: [...reason.trim()].slice(0, REASON).join('') };
}

/** Answers `mute …`. */
export async function answerMute(deps: MuteDeps, text: string, asker: ListenAsker): Promise<Answer> {
  if (/^(list)?$/i.test(text)) return list(deps, asker);
  const typed = readTypedMute(text);
  if (typed === undefined) return USAGE;
  const refused = refusal(typed.kind, asker);
  if (refused !== undefined) return nothing(refused);
  const wanted = await wantedMute(deps, typed, asker);
  if (typeof wanted === 'string') return nothing(wanted);
  const mute = await deps.muting.mute(wanted, asker.alongside);
  if (mute === undefined) return nothing('there are too many mutes: end some.');
  return [
    [
      'Done: ',
      ...named(mute),
      mute.isAlertPlace ? ' is muted in this channel until ' : ' is muted for you until ',
      { at: mute.until },
      '.',
    ],
  ];
}

/** Answers `unmute …`. */
export async function answerUnmute(deps: MuteDeps, text: string, asker: ListenAsker): Promise<Answer> {
  const [, isRule, rest = ''] = /^(rule\s+)?(.*)$/isu.exec(text.trim()) ?? [];
  const what = unquoted(rest.trim()).toLowerCase();
  const here = mutesHere(deps, asker);
  const isWanted = ({ kind, what: id, title }: Mute) =>
    (isRule === undefined || kind === 'rule') && [id, title.toLowerCase(), ...(kind === 'rule' ? namesOf(deps, id) : [])].includes(what);
  const wanted = what === 'all' ? here : here.filter(isWanted);
  if (wanted.length === 0) return [['Nothing was done: that is not muted here.'], ...(await list(deps, asker))];
  const refused = wanted.map(({ kind }) => refusal(kind, asker)).find((each) => each !== undefined);
  if (refused !== undefined) return nothing(refused);
  for (const [i, mute] of wanted.entries())
    await deps.muting.unmute(mute, asker.user.name, i === wanted.length - 1 ? asker.alongside : undefined);
  return [['Done: ', ...wanted.flatMap((mute, i): Span[] => [...(i > 0 ? [', '] : []), ...named(mute)]), ' is told here again.']];
}

const nothing = (why: string): Answer => [[`Nothing was done: ${why}`]];

const isAlertPlace = ({ door, channel }: ListenAsker): boolean => channel !== undefined && door.clicks.tellsIn(channel);

/** The target's name of the place that is meant: the channel where alerts are told; everywhere else, whoever asks. */
const placeOf = (asker: ListenAsker): string => (isAlertPlace(asker) ? (asker.channel ?? '') : asker.person);

/** Why they may not: in a channel, what the page asks of who snoozes alerts, and of who excepts something from a rule. */
function refusal(kind: Mute['kind'], asker: ListenAsker): string | undefined {
  const { user } = asker;
  if (!isAlertPlace(asker)) return undefined;
  if (!mayWork(user))
    return `${user.name}, with the role ${user.role}, may read alerts and not mute them. Ask an administrator for a role that may.`;
  return kind === 'rule' && !seesAll(user) ? 'a rule is muted for all datasets: only who may see all of them may do that.' : undefined;
}

const seesAll = ({ datasets }: User): boolean => datasets.includes('*');

async function wantedMute(deps: MuteDeps, { kind, what, forMs, reason }: TypedMute, asker: ListenAsker): Promise<NewMute | string> {
  const { user, door, now } = asker;
  const base = {
    notifier: door.name,
    place: placeOf(asker),
    isAlertPlace: isAlertPlace(asker),
    author: user.name,
    reason,
    until: now + forMs,
  };
  if (kind === 'subject') return { ...base, kind, what: what.toLowerCase(), title: what };
  const rule = membersOf(deps.ruleBook.loaded).find(({ id, name }) => [id, name.toLowerCase()].includes(what.toLowerCase()));
  return rule === undefined
    ? `no rule ${what} runs: give its name or id, which are on its page.`
    : { ...base, kind, what: rule.id, title: rule.name };
}

const namesOf = ({ ruleBook }: MuteDeps, id: string): string[] =>
  membersOf(ruleBook.loaded).flatMap((rule) => (rule.id === id ? [rule.name.toLowerCase()] : []));

const mutesHere = ({ muting }: MuteDeps, asker: ListenAsker): Mute[] =>
  muting.mutes.filter(({ notifier, place }) => notifier === asker.door.name && place === placeOf(asker));

async function list(deps: MuteDeps, asker: ListenAsker): Promise<Answer> {
  const here = mutesHere(deps, asker);
  const where = isAlertPlace(asker) ? 'in this channel' : 'for you';
  if (here.length === 0) return [[`Nothing is muted ${where}.`], ...USAGE];
  return [
    [`Muted ${where}:`],
    ...here.map((mute) => [
      '• ',
      ...named(mute),
      ' until ',
      { at: mute.until },
      `, by ${mute.author}${mute.reason === '' ? '' : `: ${mute.reason}`}`,
    ]),
  ];
}

const named = ({ kind, title }: Pick<Mute, 'kind' | 'title'>): Span[] => [kind === 'rule' ? 'the rule ' : '', { bold: title }];
