import { visible } from '../../api/visible.ts';
import type { App } from '../../app.ts';
import type { Answer, Span } from '../../model/answer.ts';
import type { PersonNames } from '../../model/person.ts';
import { printQuery } from '../../store/search/print.ts';
import { joinTouchers, type Touched, type Toucher, whoTouched } from '../../store/search/touched.ts';
import type { User } from '../../store/state/accounts.ts';
import { EngineError, type EventEngine } from '../../store/store.ts';
import { type NamedSpan, saying, splitSpan, unquoted } from './command-words.ts';
import { type HubFaultsDeps, storedUntil } from './hub-faults.ts';

export interface WhoTouchedDeps extends Pick<App, 'audit'> {
  readonly engine: EventEngine;
  readonly ingest: HubFaultsDeps['ingest'];
  readonly lookUps: { readonly names: PersonNames };
}

/** Who asks, where, and when (milliseconds since the epoch). */
export interface Asker {
  readonly user: User;
  /** The name that the target has for them. */
  readonly person: string;
  readonly now: number;
}

const TIMEOUT_MS = 20_000;
const SHOWN = 10;
const SHOWN_ACTIONS = 4;
const LONGEST = 200;

const USAGE: Answer = [
  [
    'Say what: ',
    { code: '/earshot who touched prod-db' },
    ', and behind it ',
    { code: 'today' },
    ', ',
    { code: 'yesterday' },
    ', ',
    { code: 'since 09:00' },
    ', ',
    { code: 'since 3d' },
    ' or ',
    { code: 'since 2026-01-31' },
    '.',
  ],
];

/** Answers `who touched WHAT [today|yesterday|since …]`: who acts in the events that have these words, of what the asker may see. */
export async function answerWhoTouched(deps: WhoTouchedDeps, text: string, { user, person, now }: Asker): Promise<Answer> {
  const split = splitSpan(text, now);
  const what = split && unquoted(split.rest);
  if (split === undefined || what === undefined || what === '') return USAGE;
  if (what.length > LONGEST) return [[`That is longer than ${LONGEST} characters.`]];
  const { span } = split;
  const query = saying(what);
  deps.audit({
    action: 'search',
    category: ['database'],
    type: ['access'],
    outcome: 'unknown',
    actor: user.name,
    actorKind: 'user',
    message: `${user.name} asked who touched: ${what}`,
    about: { kind: 'who_touched', query: printQuery(query), ...isoSpan(span), via: 'slack', via_person: person },
  });
  try {
    // Asked first: what is stored meanwhile is said to be missing, and not the other way around.
    const until = await storedUntil(deps, now);
    const found = await whoTouched(deps.engine, { query: visible(query, user), ...span, timeoutMs: TIMEOUT_MS }, Date.now);
    return [...peopleLines(what, found, deps.lookUps.names, span), ...notStored(until, span), ...endLines(what, found, span, user)];
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return [[`It could not be looked up: ${whyNot(error)}. Try again in a moment.`]];
  }
}

/** That nobody touched it must not be read where not all was looked at that was heard. */
function notStored(until: number | 'unknown' | undefined, { to }: NamedSpan): Answer {
  if (until === 'unknown') return [['Whether all that came in is stored is not known: the intake does not answer.']];
  return until === undefined || until >= to
    ? []
    : [['What came in since ', { at: until }, ' is not all stored yet: it may be missing here.']];
}

const isoSpan = ({ from, to }: NamedSpan) => ({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });

const whyNot = ({ fault: { code } }: EngineError): string =>
  code === 'busy' ? 'too many searches run at once' : 'the event engine does not answer';

/** Names of one person are one; events that name nobody stay apart. */
export function byPerson({ by }: Pick<Touched, 'by'>, names: PersonNames): Toucher[] {
  const people = Map.groupBy(
    by.filter(({ name }) => name !== ''),
    ({ name }) => names.find(name) ?? name.toLowerCase(),
  );
  return [...people]
    .map(([who, all]) => ({
      ...joinTouchers(all),
      name: typeof who === 'string' ? (all[0]?.name ?? who) : personName(who.displayName, all),
    }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

function personName(displayName: string, all: readonly Toucher[]): string {
  const used = all.map(({ name }) => name).filter((name) => name.toLowerCase() !== displayName.toLowerCase());
  return used.length === 0 ? displayName : `${displayName} (${used.slice(0, 3).join(', ')})`;
}

function peopleLines(what: string, found: Touched, names: PersonNames, span: NamedSpan): Answer {
  const { total, stopped, searchedFrom } = found;
  if (total === 0) {
    return [
      stopped === undefined || searchedFrom < span.to
        ? ['Nobody: no event that you may see has ', { bold: what }, ' in it, ', ...between(searchedFrom, span.to), '.']
        : ['Nothing is known of ', { bold: what }, ' yet.'],
    ];
  }
  const people = byPerson(found, names);
  const nobody = found.by.find(({ name }) => name === '');
  const more = people.length - SHOWN;
  return [
    [
      { bold: what },
      `: ${counted(people.length, 'name')}${found.more ? ' or more' : ''}, ${counted(total, 'event')}, `,
      ...between(searchedFrom, span.to),
      '.',
    ],
    ...people.slice(0, SHOWN).map(toucherLine),
    ...(more > 0 ? [[`and ${more} more`]] : []),
    ...(nobody === undefined ? [] : [[`and without a name: ${counted(nobody.count, 'event')}`, ...didText(nobody)]]),
  ];
}

const toucherLine = (toucher: Toucher): Span[] => [
  '• ',
  { bold: toucher.name },
  `: ${counted(toucher.count, 'event')}, `,
  ...(toucher.first === toucher.last ? [{ at: toucher.first }] : [{ at: toucher.first }, ' to ', { at: toucher.last }]),
  ...didText(toucher),
];

function didText({ actions }: Toucher): string[] {
  const said = actions.filter(({ action }) => action !== '');
  if (said.length === 0) return [];
  const shown = said.slice(0, SHOWN_ACTIONS).map(({ action, count }) => `${action} ${count}`);
  return [`; ${shown.join(', ')}${said.length > SHOWN_ACTIONS ? ', …' : ''}`];
}

function endLines(what: string, { stopped, searchedFrom }: Touched, span: NamedSpan, { datasets }: User): Answer {
  const { from, to } = isoSpan(span);
  const search = new URLSearchParams({ q: printQuery(saying(what)), from, to });
  const partly = datasets.includes('*') ? '' : ' Of the datasets that you may see alone.';
  return [
    ...(stopped === undefined
      ? []
      : [
          [
            'The search was cut: it took too ',
            stopped === 'timeout' ? 'long' : 'much memory',
            '. Before ',
            { at: searchedFrom },
            ' nothing was looked at: ask for less, or use the page.',
          ],
        ]),
    [{ path: `/explorer?${search}`, text: 'See the events' }, partly],
  ];
}

const between = (from: number, to: number): Span[] => ['from ', { at: from }, ' to ', { at: to }];

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
