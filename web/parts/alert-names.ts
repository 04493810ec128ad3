import type { AlertJson } from '../../src/api/contract/alerts.ts';

type Told = Pick<AlertJson, 'evidence' | 'group'>;

/** What an alert names: people first, then where, then from where. Each name once. */
export interface Named {
  readonly who: readonly string[];
  readonly targets: readonly string[];
  readonly hosts: readonly string[];
  readonly addresses: readonly string[];
  readonly actions: readonly string[];
  readonly products: readonly string[];
}

export function namedIn({ evidence }: Pick<Told, 'evidence'>): Named {
  const all = (pick: (event: AlertJson['evidence'][number]) => string | undefined) => [
    ...new Set(evidence.flatMap((event) => pick(event) ?? [])),
  ];
  return {
    who: all((event) => event.user),
    targets: all((event) => event.target_user),
    hosts: all((event) => event.host),
    addresses: all((event) => event.source_ip),
    actions: all((event) => event.action),
    products: all((event) => event.product),
  };
}

/** `alice, bob and 3 more` */
function listed(names: readonly string[], most = 2): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

/** The groups' fields of an account and of a place that something is done to, the plainest first. */
const ACCOUNTS = ['user.target.name', 'destination.user.name'] as const;
const PLACES = ['destination.domain', 'destination.address', 'destination.ip'] as const;
/** What the line has words for. */
const TOLD: ReadonlySet<string> = new Set([...ACCOUNTS, ...PLACES, 'user.name', 'host.name', 'source.ip']);

/** Whom or what it was done to, as the rule tells its alerts apart: `root@db1.example.com`; '' where the rule does not. */
export function targetOf({ group }: Pick<Told, 'group'>): string {
  const first = (fields: readonly string[]) => fields.map((field) => group[field]).find(Boolean);
  return [first(ACCOUNTS), first(PLACES)].filter(Boolean).join('@');
}

/**
 * Whom an alert is about, in one line: who did it to whom, what else tells it from other alerts of its rule, where and from where. What the
 * rule groups by is the alert's own; of the rest, the evidence tells.
 */
export function namesLine(alert: Told): string {
  const { group } = alert;
  const named = namedIn(alert);
  const own = (field: string, seen: readonly string[]) => group[field] || listed(seen);
  const target = targetOf(alert) || listed(named.targets.filter((each) => !named.who.includes(each)));
  const host = own('host.name', named.hosts);
  const address = own('source.ip', named.addresses);
  return [
    own('user.name', named.who),
    target && `→ ${target}`,
    ...Object.entries(group).flatMap(([field, value]) => (TOLD.has(field) || value === '' ? [] : [rest(field, value)])),
    host && `on ${host}`,
    address && `from ${address}`,
  ]
    .filter(Boolean)
    .join(' ');
}

/** A value that speaks for itself, or with the last word of its field: `(auid 0)`. */
function rest(field: string, value: string): string {
  const word = field.slice(field.lastIndexOf('.') + 1);
  return ['name', 'path', 'original', 'product'].includes(word) ? `(${value})` : `(${word} ${value})`;
}
