import { z } from 'zod';
import { secret } from '../../config/secret-field.ts';
import { cutText } from '../../lib/cut-text.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { Act, ActProof, ActTarget } from '../../model/act.ts';
import { type Asked, defineResponder, type Outcome, type Planned, type ResponderContext } from '../../respond/responder.ts';
import { ApplianceClient, type ApplianceFault } from './appliance-client.ts';

const config = z.strictObject({
  url: z
    .string()
    .refine(isAppliance, 'must be https:// and a host, such as https://vault.example.com (http:// is for loopback addresses, for tests)')
    .describe(
      'Where the appliance is, such as `https://vault.example.com`. The client must be allowed to come from the address of this hub.',
    ),
  client_id: z.string().min(1).max(200).describe('The client of the A2A application, with _PAM Core_ among what it is authorized for.'),
  client_secret: secret().describe('Its secret. `file:/path` reads it from a file.'),
});

type Context = ResponderContext<z.output<typeof config>>;

/** Ends privileged sessions in Segura (A2A: `DELETE /iso/session/drop/ID`). */
export const seguraSessions = defineResponder({
  type: 'segura_sessions',
  config,
  does: 'end_sessions',
  dataset: 'segura.pam',
  plan,
  prepare: async () => ok('asked' as const),
  run,
  check,
});

const clientOf = ({ config: { url, client_id: id, client_secret: password }, fetch, signal }: Context) =>
  new ApplianceClient({ url, id, password, fetch, signal });

const text = z.union([z.string(), z.number()]).transform(String);
const row = z.object({
  session_id: z.string().regex(/^[0-9a-f]{40}$/),
  user: text.default(''),
  credencial: text.default(''),
  dispositivo: text.default(''),
  protocol: text.default(''),
  /** Says when; empty, or a time of zeros, while it is open. */
  end: z
    .union([z.string(), z.number(), z.null()])
    .transform((value) => (value === null ? '' : String(value)))
    .default(''),
});
type Session = z.output<typeof row>;

/** Only what says a time is taken for an end: that a session is over must not be believed of a dash. */
const isOpen = ({ end }: Session): boolean => !/[1-9]/.test(end);

/** Lists of the appliance are in `sessions`, in `response`, or the answer itself: the pages of the vendor show no sample. Undefined: there is none. */
function rowsIn(body: unknown): readonly unknown[] | undefined {
  if (Array.isArray(body)) return body;
  if (typeof body !== 'object' || body === null) return undefined;
  const lists = Object.values(body).filter((value) => Array.isArray(value));
  return lists.length === 0 ? undefined : lists.flat();
}

/** `unread`: rows that are in a form that is not known. */
function sessionsIn(rows: readonly unknown[]): { readonly sessions: readonly Session[]; readonly unread: number } {
  const sessions = rows.flatMap((each) => {
    const read = row.safeParse(each);
    return read.success ? [read.data] : [];
  });
  return { sessions, unread: rows.length - sessions.length };
}

/** By session, by person (all sessions that they have open), or by person, machine and account, as events have them: `jsilva on db1 as root`. */
async function plan({ targets, devices, session }: Asked, context: Context): Promise<Result<Planned, string>> {
  if (devices !== 'all' || session !== undefined)
    return err('Segura ends whole sessions: name the sessions, or whose they are, and no devices.');
  const listed = await clientOf(context).get('/api/session/remotesessions');
  if (listed.kind !== 'done') return err(faultText(listed, context.name));
  const rows = rowsIn(listed.body);
  if (rows === undefined) return err('Segura answered in a form that is not known: which sessions are open cannot be told.');
  const { sessions, unread } = sessionsIn(rows);
  const open = sessions.filter(isOpen);
  const wanted = new Map<string, Session>();
  for (const { given, names } of targets) {
    const own = new Set(names.map((name) => name.toLowerCase()));
    const isNamed = sessionNamed(given);
    const found = open.filter((each) => own.has(each.session_id) || own.has(each.user.toLowerCase()) || isNamed(each));
    if (found.length === 0) return err(`${cutText(given, 80)} is no open session in Segura, and has none${doubt(unread)}.`);
    for (const each of found) wanted.set(each.session_id, each);
  }
  const planned = [...wanted.values()].map(targetOf);
  const what = planned.map(({ label }) => label).join(', ');
  const [noun, were] = planned.length === 1 ? ['session', 'was'] : ['sessions', 'were'];
  return ok({ targets: planned, effect: `ends the ${noun} of ${what} in Segura`, did: `The ${noun} of ${what} in Segura ${were} ended` });
}

/** Who is told that there is no session must not take it for certain where part of the list could not be read. */
const doubt = (unread: number): string =>
  unread === 0 ? '' : `, as far as can be told: ${unread} of its sessions are listed in a form that is not known`;

const NAMED = /^(\S+) on (.+) as (\S+)$/;

/** The appliance may call a machine by its name, with or without domain, by its address, or by both: `db1.example.com (192.0.2.10)`. */
function sessionNamed(given: string): (session: Session) => boolean {
  const [, user, machine, account] = (NAMED.exec(given.toLowerCase()) ?? []).map(String);
  if (user === undefined || machine === undefined) return () => false;
  const wanted = machineOf(machine);
  return (session) =>
    session.user.toLowerCase() === user &&
    session.credencial.toLowerCase() === account &&
    isSameMachine(wanted, machineOf(session.dispositivo.toLowerCase()));
}

interface Machine {
  readonly addresses: readonly string[];
  readonly names: readonly string[];
}

function machineOf(text: string): Machine {
  const words = text.split(/[\s()[\],;]+/).filter((word) => word !== '');
  const isAddress = (word: string): boolean => /^[\d.]+$|:/.test(word);
  return { addresses: words.filter(isAddress), names: words.filter((word) => !isAddress(word)) };
}

/** Where both have addresses, these tell. Of two names with domains all counts: `db1` of another domain is another machine. */
function isSameMachine(one: Machine, other: Machine): boolean {
  if (one.addresses.length > 0 && other.addresses.length > 0) return one.addresses.some((address) => other.addresses.includes(address));
  return one.names.some((name) => other.names.some((each) => name === each || name === firstLabel(each) || firstLabel(name) === each));
}

const firstLabel = (name: string): string => name.split('.', 1)[0] ?? '';

function targetOf({ session_id: id, user, credencial, dispositivo, protocol }: Session): ActTarget {
  const as = credencial === '' ? '' : ` as ${credencial}`;
  const how = protocol === '' ? '' : ` (${protocol})`;
  return { id, label: `${user} on ${dispositivo}${as}${how}`, names: [id, user, credencial] };
}

/** One after the other. What was certainly not done to any of them may be tried again; what was done to some is not. */
async function run(act: Act, context: Context): Promise<Outcome> {
  const client = clientOf(context);
  const left: { readonly kind: 'retry' | 'refused'; readonly why: string }[] = [];
  for (const { id, label } of act.targets) {
    const answer = await client.delete(`/iso/session/drop/${id}`);
    if (answer.kind === 'done') continue;
    const why = faultText(answer, context.name);
    if (answer.kind === 'unknown') return { kind: 'unknown', why: `${label}: ${why}` };
    left.push({ kind: answer.kind, why: act.targets.length === 1 ? why : `${label}: ${why}` });
  }
  if (left.length === 0) return { kind: 'done' };
  const why = left.map((each) => each.why).join('; ');
  if (left.length < act.targets.length) return { kind: 'unknown', why };
  return { kind: left.some(({ kind }) => kind === 'retry') ? 'retry' : 'refused', why };
}

/** The appliance itself says when each of them ended. */
async function check(act: Act, context: Context): Promise<readonly ActProof[]> {
  const client = clientOf(context);
  const proofs: ActProof[] = [];
  for (const { id } of act.targets) {
    const answer = await client.get(`/api/session/remotesessions/${id}`);
    if (answer.kind !== 'done') continue;
    const { sessions } = sessionsIn([...(rowsIn(answer.body) ?? []), answer.body]);
    const session = sessions.find(({ session_id: each }) => each === id);
    if (session === undefined || isOpen(session)) continue;
    // In the vault's own time, which has no zone: it is told as it was said.
    const action = `the vault, which says that it ended at ${cutText(session.end, 40)}`;
    proofs.push({ act: act.id, targets: [id], action, entry: id, at: Date.now() });
  }
  return proofs;
}

function faultText(fault: ApplianceFault, name: string): string {
  const place = `acts.systems.${name}`;
  switch (fault.kind) {
    case 'unknown':
      return `Segura: ${fault.why}; what came of it is not known`;
    case 'retry':
      return `Segura: ${fault.why}`;
    case 'refused':
      return `Segura: ${fault.why}${fault.isAccess ? `: check ${place}.client_id and client_secret, that PAM Core is authorized for them, and that they may come from this hub's address` : ''}`;
  }
}

function isAppliance(url: string): boolean {
  const read = URL.parse(url);
  if (read === null || read.username !== '' || read.search !== '' || read.hash !== '' || read.pathname !== '/') return false;
  return read.protocol === 'https:' || (read.protocol === 'http:' && /^(localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/.test(read.hostname));
}
