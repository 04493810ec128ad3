import { z } from 'zod';
import { cutText } from '../../lib/cut-text.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { visibleText } from '../../lib/visible-text.ts';
import type { Act, ActTarget, Devices, ProofForm, ProofPattern } from '../../model/act.ts';
import { type Asked, defineResponder, type Outcome, type Planned, type ResponderContext } from '../../respond/responder.ts';
import { slackApiUrl } from './addresses.ts';
import { readAllowList, writeAllowList } from './allow-list.ts';
import { callSlack, type SlackAccess, type SlackAnswer, type SlackMethod, slackPages } from './client.ts';
import { sessionRefusal } from './session-refusals.ts';
import { slackToken } from './tokens.ts';

const config = z.strictObject({ token: slackToken('admin'), api_url: slackApiUrl() });

type Context = ResponderContext<z.output<typeof config>>;

/** Ends sessions of people in Slack (`admin.users.session.*`). */
export const slackSessions = defineResponder({
  type: 'slack_sessions',
  config,
  does: 'sign_out',
  dataset: 'slack.audit',
  canFind: (names) => names.some((name) => ID.test(name) || MAIL.test(name)),
  plan,
  prepare,
  run,
  trusted: {
    read: (context) => readAllowList(accessOf(context), context.name),
    write: (networks, context) => writeAllowList(networks, accessOf(context), context.name),
  },
});

const accessOf = ({ config: { token, api_url: apiUrl }, fetch, signal }: Context): SlackAccess => ({ apiUrl, token, fetch, signal });

const ID = /^[UW][A-Z0-9]{6,20}$/;
const MAIL = /^[^\s@]{1,64}@[^\s@]{1,255}$/;

async function plan(asked: Asked, context: Context): Promise<Result<Planned, string>> {
  const { devices, session } = asked;
  if (session !== undefined && !(/^\d{1,16}$/.test(session) && Number.isSafeInteger(Number(session))))
    return err('A session of Slack is a number.');
  if (session !== undefined && (asked.targets.length > 1 || devices !== 'all'))
    return err('One session is one device of one person: name that person alone, and no devices.');
  const targets: ActTarget[] = [];
  for (const each of asked.targets) {
    const person = await personOf(each, context);
    if (!person.ok) return person;
    if (!targets.some(({ id }) => id === person.value.id)) targets.push(person.value);
  }
  const [only] = targets;
  const device = session === undefined || only === undefined ? ok(undefined) : await deviceOf(only, session, context);
  if (!device.ok) return device;
  const who = targets.map(({ label }) => label).join(', ');
  if (session === undefined) {
    const where = `out of Slack ${DEVICE_WORDS[devices]}`;
    return ok({ targets, effect: `signs ${who} ${where}`, did: `${who} ${targets.length > 1 ? 'were' : 'was'} signed ${where}` });
  }
  const one = `session ${session} of ${who} in Slack (${device.value})`;
  return ok({ targets, effect: `ends the ${one}`, did: `The ${one} was ended` });
}

const DEVICE_WORDS: Readonly<Record<Devices, string>> = {
  all: 'on all devices',
  mobile: 'on phones and tablets alone',
  web: 'in browsers and desktop programs alone',
};

const userAnswer = z.object({
  user: z.object({
    id: z.string(),
    name: z.string().default(''),
    team_id: z.string().optional(),
    deleted: z.boolean().default(false),
    is_bot: z.boolean().default(false),
    is_primary_owner: z.boolean().default(false),
    real_name: z.string().optional(),
    profile: z.object({ email: z.string().optional(), real_name: z.string().optional() }).default({}),
  }),
});

/** Who it is, before anything is done to them. */
async function personOf({ given, names }: Asked['targets'][number], context: Context): Promise<Result<ActTarget, string>> {
  const shown = cutText(given, 80);
  const others = names.filter((name) => name !== given);
  // What was given means one person; what the directory and events say beside it may be names of several, or of nobody in Slack.
  const ways = [[given], others.filter((name) => ID.test(name)), others.filter((name) => MAIL.test(name))];
  let why: string | undefined;
  for (const way of ways) {
    const found = await usersOf(way, context);
    if (!found.ok && found.error.kind === 'failed') return err(sessionRefusal(found.error, context.name, shown));
    if (!found.ok) why ??= found.error.kind === 'unread' ? FORM_UNKNOWN : sessionRefusal(found.error, context.name, shown);
    else if (found.value.length > 1) return err(severalText(shown, found.value));
    else if (found.value[0] !== undefined) return targetOf(found.value[0], names);
  }
  return err(why ?? `Nobody in Slack is known as ${shown}: give their member ID or their mail address.`);
}

/** Names that are looked up for one person. */
const LOOK_UPS = 5;

type LookUpFault = Exclude<SlackAnswer, { kind: 'done' }> | { readonly kind: 'unread' };

/** Whom Slack knows by one of these IDs and mail addresses, those who are gone only where nobody else is; why not, where it knows nobody. */
async function usersOf(names: readonly string[], context: Context): Promise<Result<readonly User[], LookUpFault>> {
  const found = new Map<string, User>();
  let fault: LookUpFault | undefined;
  for (const name of names.filter((each) => ID.test(each) || MAIL.test(each)).slice(0, LOOK_UPS)) {
    const answer = MAIL.test(name)
      ? await callSlack('users.lookupByEmail', { email: name }, accessOf(context))
      : await callSlack('users.info', { user: name }, accessOf(context));
    // Who was not found for want of an answer may be another than who was.
    if (answer.kind === 'failed') return err(answer);
    const read = answer.kind === 'done' ? userAnswer.safeParse(answer.body) : undefined;
    if (read?.success === true) found.set(read.data.user.id, read.data.user);
    else fault ??= answer.kind === 'done' ? { kind: 'unread' } : answer;
  }
  const users = [...found.values()];
  const present = users.filter(({ deleted }) => !deleted);
  return users.length === 0 && fault !== undefined ? err(fault) : ok(present.length === 0 ? users : present);
}

const FORM_UNKNOWN = 'Slack answered in a form that is not known. Nothing was done.';

const severalText = (shown: string, users: readonly User[]): string =>
  `${shown} is several people in Slack: ${users.map((user) => `${user.id} is ${labelOf(user)}`).join(', ')}. Give the member ID of the one you mean.`;

function targetOf(user: User, names: readonly string[]): Result<ActTarget, string> {
  const label = labelOf(user);
  if (user.is_bot) return err(`${label} is a bot: Slack signs out people alone.`);
  if (user.deleted) return err(`${label} is deactivated in Slack, and has no sessions.`);
  if (user.is_primary_owner) return err(`${label} is the primary owner, whom Slack lets nobody sign out.`);
  const known = [user.id, user.name, user.profile.email, label, ...names].filter((name) => name !== undefined);
  return ok({ id: user.id, label, ...(user.team_id !== undefined && { team: user.team_id }), names: known });
}

type User = z.output<typeof userAnswer>['user'];

function labelOf({ id, name, real_name: real, profile }: User): string {
  // People choose what they are called.
  const [called] = [real, profile.real_name, name].map((each = '') => cutText(visibleText(each), 60)).filter((each) => each !== '');
  const more = profile.email ?? id;
  return called === undefined ? more : `${called} (${more})`;
}

const sessionsAnswer = z.object({
  active_sessions: z.array(
    z.object({
      session_id: z.union([z.number(), z.string()]).transform(String),
      recent: z.object({ device_hardware: z.string().optional(), os: z.string().optional(), ip: z.string().optional() }).default({}),
    }),
  ),
});

/** Pages of one person's sessions. */
const PAGES = 5;

/** `admin.users.session.list` takes a person and a team, or neither. */
async function deviceOf({ id, team, label }: ActTarget, session: string, context: Context): Promise<Result<string, string>> {
  const args = { user_id: id, team_id: team, limit: 1_000 };
  for await (const answer of slackPages('admin.users.session.list', args, accessOf(context), PAGES)) {
    if (answer.kind !== 'done') return err(sessionRefusal(answer, context.name, label));
    const read = sessionsAnswer.safeParse(answer.body);
    if (!read.success) return err(FORM_UNKNOWN);
    const found = read.data.active_sessions.find(({ session_id: each }) => each === session);
    if (found === undefined) continue;
    const { device_hardware: hardware, os, ip } = found.recent;
    return ok([hardware, os, ip].filter((each) => each !== undefined && each !== '').join(', ') || 'device unknown');
  }
  return err(`${label} has no session ${session} in Slack now.`);
}

/** Whose the token is, Slack's log will name as who did it. */
async function prepare(act: Act, context: Context): Promise<Result<ProofPattern, Exclude<Outcome, { kind: 'done' }>>> {
  const answer = await callSlack('auth.test', {}, accessOf(context));
  if (answer.kind !== 'done') return err(outcomeOf(answer, act, context));
  const { user_id: actor } = answer.body;
  if (typeof actor !== 'string') return err({ kind: 'retry', why: 'Slack did not say whose the token is' });
  return ok({ sources: ['slack_audit'], entry: 'slack.audit.id', forms: formsOf(act, actor) });
}

const TARGET = 'slack.audit.target.id';

/** Each of the calls leaves an entry of its own kind, and one of it. */
function formsOf({ targets, devices, session }: Act, actor: string): ProofForm[] {
  const by = { path: 'user.id', text: actor };
  if (session !== undefined) return [{ action: 'user_session_invalidated', targets: TARGET, fields: [by] }];
  const flag = (name: string, is: boolean) => ({ path: `slack.audit.details.${name}`, text: `${is}`, absent: !is });
  const fields = [by, flag('mobile_only', devices === 'mobile'), flag('web_only', devices === 'web')];
  if (targets.length === 1) return [{ action: 'user_session_reset_by_admin', targets: TARGET, fields }];
  return [{ action: 'bulk_session_reset_by_admin', targets: 'slack.audit.details.succeeded_users', fields }];
}

async function run(act: Act, context: Context): Promise<Outcome> {
  const { method, args } = callOf(act);
  const answer = await callSlack(method, args, accessOf(context));
  return answer.kind === 'done' ? { kind: 'done' } : outcomeOf(answer, act, context);
}

function callOf({ targets, devices, session }: Act): { readonly method: SlackMethod; readonly args: Readonly<Record<string, unknown>> } {
  const only = { mobile_only: devices === 'mobile', web_only: devices === 'web' };
  const [target] = targets;
  if (session !== undefined)
    return { method: 'admin.users.session.invalidate', args: { user_id: target?.id, session_id: Number(session), team_id: target?.team } };
  if (targets.length === 1) return { method: 'admin.users.session.reset', args: { user_id: target?.id, ...only } };
  return { method: 'admin.users.session.resetBulk', args: { user_ids: targets.map(({ id }) => id), ...only } };
}

/** Slack's words for what was done in part, or perhaps. */
const PERHAPS: ReadonlySet<string> = new Set(['failed_for_some_users', 'user_session_reset_failed', 'session_invalidation_failed']);

function outcomeOf(answer: Exclude<SlackAnswer, { kind: 'done' }>, act: Act, { name }: Context): Exclude<Outcome, { kind: 'done' }> {
  const who = act.targets.map(({ label }) => label).join(', ');
  if (answer.kind === 'refused') return { kind: PERHAPS.has(answer.error) ? 'unknown' : 'refused', why: sessionRefusal(answer, name, who) };
  const { why, ambiguous, afterMs } = answer.retry;
  return ambiguous === true ? { kind: 'unknown', why } : { kind: 'retry', why, ...(afterMs !== undefined && { afterMs }) };
}
