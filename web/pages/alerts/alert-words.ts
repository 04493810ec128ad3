import { Bell, CircleCheck, type LucideIcon, MoonStar, UserRoundCheck } from 'lucide-react';
import type { AlertJson } from '../../../src/api/contract/alerts.ts';
import { ALERT_STATES, type AlertState, RESOLUTIONS, type Resolution } from '../../../src/model/alert-life.ts';

export const STATE_LOOK: Readonly<Record<AlertState, { readonly word: string; readonly icon: LucideIcon }>> = {
  open: { word: 'Open', icon: Bell },
  acknowledged: { word: 'Acknowledged', icon: UserRoundCheck },
  snoozed: { word: 'Snoozed', icon: MoonStar },
  resolved: { word: 'Resolved', icon: CircleCheck },
};

export const RESOLUTION_WORDS: Readonly<Record<Resolution, { readonly word: string; readonly about: string }>> = {
  true_positive: { word: 'True positive', about: 'It was what the rule looks for, and it mattered.' },
  false_positive: { word: 'False positive', about: 'It was not what the rule looks for: the rule should be mended.' },
  benign: { word: 'Benign', about: 'It was what the rule looks for, and it did no harm.' },
  expected: { word: 'Expected', about: 'It was agreed on before: a change, a drill, a test.' },
};

export const isState = (text: string | null): text is AlertState => ALERT_STATES.some((state) => state === text);
export const isResolution = (text: string): text is Resolution => RESOLUTIONS.some((resolution) => resolution === text);

/** What an alert names: people first, then where, then from where. Each name once. */
export interface Named {
  readonly who: readonly string[];
  readonly targets: readonly string[];
  readonly hosts: readonly string[];
  readonly addresses: readonly string[];
  readonly actions: readonly string[];
  readonly products: readonly string[];
}

export function namedIn({ evidence }: Pick<AlertJson, 'evidence'>): Named {
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
export function listed(names: readonly string[], most = 2): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

/** Who did it to whom, where and from where, in one line. */
export function namesLine(alert: Pick<AlertJson, 'evidence'>): string {
  const { who, targets, hosts, addresses } = namedIn(alert);
  const others = targets.filter((target) => !who.includes(target));
  return [
    listed(who),
    others.length > 0 ? `→ ${listed(others)}` : '',
    hosts.length > 0 ? `on ${listed(hosts)}` : '',
    addresses.length > 0 ? `from ${listed(addresses)}` : '',
  ]
    .filter(Boolean)
    .join(' ');
}
