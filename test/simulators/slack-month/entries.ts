import type { Member } from './people.ts';

/** An entry of Slack's audit log, and which attack it is part of. */
export interface Entry {
  /** When Slack writes it, milliseconds since the epoch. */
  readonly at: number;
  readonly action: string;
  readonly text: string;
  /** Name of the attack; absent for what is ordinary. */
  readonly attack?: string | undefined;
}

export interface From {
  readonly address: string;
  readonly program: string;
}

/** What somebody does: who, when, from where, and as part of which attack. */
export interface Deed extends From {
  readonly who: Member;
  readonly at: number;
  readonly attack?: string | undefined;
}

export const signIn = (deed: Deed): Entry => entry(deed, 'user_login', userOf(deed.who));

export const download = (deed: Deed, file: string): Entry =>
  entry(deed, 'file_downloaded', { type: 'file', file: { id: `F${file}`, name: `${file}.pdf`, filetype: 'pdf', title: file } });

export interface Found {
  readonly reasons: readonly string[];
  readonly addressDetails?: readonly string[];
}

/** Slack writes an anomaly some seconds to minutes after the act; the act is when the deed says. */
export function anomaly(deed: Deed, { reasons, addressDetails = [] }: Found, delayMs: number): Entry {
  const details = {
    // In microseconds, as Slack's own sample has it.
    action_timestamp: deed.at * 1_000,
    location: 'Lisbon, Portugal',
    previous_ip_address: '',
    previous_ua: '',
    reason: reasons,
    ip_address_details: addressDetails,
  };
  return entry({ ...deed, at: deed.at + delayMs }, 'anomaly', userOf(deed.who), details);
}

/** An anomaly of an app's own token: nobody's account. */
export function appAnomaly(app: number, at: number, address: string): Entry {
  const actor = { type: 'user', user: { id: `B0${String(app).padStart(6, '0')}`, name: `app${app}`, email: '', team: TEAM } };
  const entity = { type: 'app', app: { id: `A0${String(app).padStart(6, '0')}`, name: `App ${app}`, is_distributed: false } };
  const details = { action_timestamp: at * 1_000, location: '', reason: ['ip_address'], ip_address_details: ['cloud-asn'] };
  const context = { location: LOCATION, ua: 'okhttp/5.1.0', ip_address: address, session_id: null };
  return { at, action: 'anomaly', text: textOf({ at, action: 'anomaly', actor, entity, context, details }) };
}

/** Slack ends somebody's sessions by itself. */
export function endedBySlack(who: Member, at: number, attack?: string): Entry {
  const actor = { type: 'user', user: { id: 'USLACKUSER', name: 'slack', email: '', team: TEAM } };
  const action = 'user_sessions_reset_by_anomaly_event_response';
  const context = { location: LOCATION, ua: '', ip_address: '', session_id: null };
  return { at, action, text: textOf({ at, action, actor, entity: userOf(who), context }), attack };
}

const TEAM = 'E0EXAMPLE';
const LOCATION = { type: 'enterprise', id: TEAM, name: 'Acme', domain: 'acme' };

const userOf = ({ id, name, email, role }: Member) => ({ type: 'user', user: { id, name, email, team: TEAM, account_type: role } });

function entry({ who, at, address, program, attack }: Deed, action: string, entity: object, details?: object): Entry {
  const context = { location: LOCATION, ua: program, ip_address: address, session_id: `${847_000_000 + who.n}` };
  return { at, action, text: textOf({ at, action, actor: userOf(who), entity, context, details }), attack };
}

/** The id says nothing here: no entry comes twice. */
function textOf({ at, ...rest }: { readonly at: number; readonly [key: string]: unknown }): string {
  return JSON.stringify({ id: '00000000-0000-4000-8000-000000000000', date_create: Math.floor(at / 1_000), ...rest });
}
