import { isIP } from 'node:net';
import type { EventDraft, Mapping } from '../../normalize/mapping.ts';
import { ACTION_GROUPS, ACTIONS, type Meaning } from './audit-actions.ts';
import { asFields, isEntry, textOf, textsOf, timeOf } from './audit-entry.ts';

/** Slack’s audit log, one entry a message; README.md beside this file says what becomes of it. */
export const slackMapping: Mapping = {
  product: 'slack',
  dataset: 'slack.audit',
  appliesTo: { sources: ['slack_audit'] },
  records: {
    writes: [
      'event.action',
      'event.reason',
      'event.start',
      'user.id',
      'user.name',
      'user.email',
      'user.target.id',
      'user.target.name',
      'user.target.email',
      'group.id',
      'group.name',
      'file.name',
      'file.extension',
      'organization.id',
      'organization.name',
      'source.address',
      'source.ip',
      'source.domain',
      'user_agent.original',
      'related.user',
      'related.ip',
      'slack.audit.*',
    ],
    events: ACTION_GROUPS.flatMap(({ actions, category, type, outcome }) => actions.map((action) => ({ action, category, type, outcome }))),
    claims: isEntry,
    asEcs: asFields,
    read: readEntry,
  },
};

function readEntry(event: EventDraft): void {
  const action = text(event, 'action');
  if (action === undefined) return;
  const meaning = ACTIONS.get(action);
  if (meaning === undefined) {
    event.set('event.action', action);
    event.tag('unknown_action');
  } else event.classify({ action, category: meaning.category, type: meaning.type, outcome: meaning.outcome });
  setTimes(event);
  setActor(event, meaning);
  setTarget(event, meaning);
  setContext(event);
  setDetails(event);
}

const text = (event: EventDraft, path: string): string | undefined => {
  const found = textOf(event.get(`slack.audit.${path}`));
  return found === '' ? undefined : found;
};

function put(event: EventDraft, to: string, value: string | undefined): void {
  if (value !== undefined) event.setText(to, value);
}

/** An anomaly is written down up to some minutes after it was; both times are told. */
function setTimes(event: EventDraft): void {
  const time = timeOf(event.get('slack.audit.date_create'));
  if (time !== undefined) event.setTime(time);
  const start = timeOf(event.get('slack.audit.details.action_timestamp'));
  if (start !== undefined) event.set('event.start', new Date(start).toISOString());
}

/** Slack’s own names, where nobody acted or Slack’s security team did. */
const SLACK_ITSELF: ReadonlySet<string> = new Set(['USLACKUSER', 'USLACKSECURITY']);

interface Person {
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly email: string | undefined;
}

function personAt(event: EventDraft, path: string): Person | undefined {
  const person = { id: text(event, `${path}.id`), name: text(event, `${path}.name`), email: text(event, `${path}.email`) };
  const { id = person.name ?? person.email } = person;
  return id === undefined || SLACK_ITSELF.has(id) ? undefined : person;
}

function setPerson(event: EventDraft, side: 'user' | 'user.target', { id, name, email }: Person): void {
  put(event, `${side}.id`, id);
  put(event, `${side}.name`, name ?? email ?? id);
  put(event, `${side}.email`, email);
}

function setActor(event: EventDraft, meaning: Meaning | undefined): void {
  const named = personAt(event, 'actor.user');
  const inviter = personAt(event, 'details.inviter') ?? personAt(event, 'details.inviter.user');
  if (meaning?.actor === 'slack') relate(event, named);
  else if (meaning?.actor === 'inviter' && inviter !== undefined) {
    setPerson(event, 'user', inviter);
    if (named !== undefined) setPerson(event, 'user.target', named);
  } else {
    if (named !== undefined) setPerson(event, 'user', named);
    relate(event, inviter);
  }
}

/** `resetBulk` takes up to 1,000 persons, and each must be found by who looks for them. */
const RELATED_BOUND = 1_010;

/** Persons of whom the entry says neither that they acted nor that it was done to them. */
function relate(event: EventDraft, person: Person | undefined): void {
  if (person === undefined) return;
  addTo(
    event,
    'related.user',
    [person.id, person.name, person.email].filter((name) => name !== undefined),
  );
}

function addTo(event: EventDraft, path: 'related.user' | 'related.ip', found: readonly string[]): void {
  if (found.length > 0) event.set(path, [...new Set([...textsOf(event.get(path)), ...found])].slice(0, RELATED_BOUND));
}

/** Where each entity’s id and name are; most have `id` and `name`. */
const ENTITY_NAMES: Readonly<Record<string, { readonly id?: string; readonly name?: string }>> = {
  message: { id: 'timestamp', name: 'channel' },
  canvas: { name: 'title' },
  template: { name: 'template_name' },
  function: { name: 'callback_id' },
};

function setTarget(event: EventDraft, meaning: Meaning | undefined): void {
  const type = text(event, 'entity.type') ?? meaning?.target;
  if (type === undefined) return;
  const entity = `entity.${type}`;
  const places = Object.hasOwn(ENTITY_NAMES, type) ? ENTITY_NAMES[type] : undefined;
  const id = text(event, `${entity}.${places?.id ?? 'id'}`);
  const name = text(event, `${entity}.${places?.name ?? 'name'}`) ?? text(event, `${entity}.title`);
  event.set('slack.audit.target.type', type);
  put(event, 'slack.audit.target.id', id);
  put(event, 'slack.audit.target.name', name);
  if (type === 'user') setTargetPerson(event, personAt(event, entity));
  if (type === 'usergroup') {
    put(event, 'group.id', id);
    put(event, 'group.name', name);
  }
  if (type !== 'file' && type !== 'canvas') return;
  put(event, 'file.name', name);
  put(event, 'file.extension', text(event, `${entity}.filetype`));
}

/** Who signs in is both actor and entity: it is nobody else’s account that is touched. */
function setTargetPerson(event: EventDraft, person: Person | undefined): void {
  if (person !== undefined && (person.id === undefined || person.id !== event.get('user.id'))) setPerson(event, 'user.target', person);
}

function setContext(event: EventDraft): void {
  const address = text(event, 'context.ip_address');
  if (address !== undefined) event.setPeer('source', address);
  put(event, 'user_agent.original', text(event, 'context.ua'));
  put(event, 'organization.id', text(event, 'context.location.id'));
  put(event, 'organization.name', text(event, 'context.location.name'));
}

function setDetails(event: EventDraft): void {
  const reasons = textsOf(event.get('slack.audit.details.reason'));
  if (reasons.length > 0) event.set('event.reason', reasons.join(', '));
  const previous = text(event, 'details.previous_ip_address');
  if (previous !== undefined && isIP(previous) !== 0) addTo(event, 'related.ip', [previous]);
  const target = text(event, 'details.target_user') ?? text(event, 'details.target_user_id');
  if (event.get('user.target.id') === undefined) put(event, 'user.target.id', target);
  addTo(event, 'related.user', [...textsOf(event.get('slack.audit.details.succeeded_users')), ...(target === undefined ? [] : [target])]);
  relate(event, personAt(event, 'details.kicker') ?? personAt(event, 'details.kicker.user'));
  setAddedScopes(event);
}

/** What an app may do now and could not before: the entry lists both. */
function setAddedScopes(event: EventDraft): void {
  const before = new Set([
    ...textsOf(event.get('slack.audit.details.previous_scopes')),
    ...textsOf(event.get('slack.audit.details.old_scopes')),
  ]);
  const added = textsOf(event.get('slack.audit.details.new_scopes')).filter((scope) => !before.has(scope));
  if (added.length > 0) event.set('slack.audit.scopes_added', added);
}
