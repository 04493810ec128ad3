import { columnText, type EventView, factOf, messageOf } from './event-facts.ts';

/** What one asks of any event, whatever product it is of: each from the first of some fields that it has. */
export interface Summary {
  readonly label: string;
  /** In the order in which they are tried. */
  readonly fields: readonly string[];
  readonly textOf: (event: EventView) => string;
}

const firstOf = (event: EventView, fields: readonly string[]): string => {
  for (const field of fields) {
    const text = columnText(event, field);
    if (text !== '') return text;
  }
  return '';
};

const WHAT = ['event.action', 'cef.name', 'rule.name', 'message'];
const WHO = ['user.name', 'user.email', 'user.full_name', 'user.id', 'source.user.name', 'source.user.id'];
/** Whose account or rights are used, and where. */
const ACCOUNT = ['user.target.name', 'destination.user.name', 'user.effective.name', 'user.changes.name', 'group.name'];
const PLACE = ['destination.domain', 'destination.address', 'destination.ip', 'host.name'];
const FROM = ['source.ip', 'source.address', 'source.domain', 'client.ip'];

/** An event without a word for it says it in its message, and one without a message as it came in. */
export const whatOf = (event: EventView): string => firstOf(event, WHAT) || messageOf(event).slice(0, 200);

/** `root on db01.example.com`. */
function targetOf(event: EventView): string {
  const place = firstOf(event, PLACE);
  const account = ACCOUNT.map((field) => factOf(event, field)).find((text) => text !== '') ?? '';
  return account === '' || place === '' ? account || place : `${account} on ${place}`;
}

/** By the name that an address has for it. */
export const SUMMARIES: ReadonlyMap<string, Summary> = new Map([
  ['what', { label: 'What', fields: WHAT, textOf: whatOf }],
  ['who', { label: 'Who', fields: WHO, textOf: (event) => firstOf(event, WHO) }],
  ['target', { label: 'Target', fields: [...ACCOUNT, ...PLACE], textOf: targetOf }],
  ['from', { label: 'From', fields: FROM, textOf: (event) => firstOf(event, FROM) }],
  ['outcome', { label: 'Outcome', fields: ['event.outcome'], textOf: (event) => factOf(event, 'event.outcome') }],
]);
