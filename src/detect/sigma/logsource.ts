import { WINDOWS_CATEGORIES, WINDOWS_SERVICES } from './windows.ts';

/** Which events a rule is for (Sigma 2.1, "LogSource"). At least one is there. */
export interface Logsource {
  readonly product?: string;
  readonly category?: string;
  readonly service?: string;
}

/** One of the fields has one of the values; texts are compared without regard to case. */
export interface RouteTerm {
  readonly fields: readonly string[];
  readonly values: readonly string[];
}

/** Every term must be true of an event for a rule to be asked. */
export type Route = readonly RouteTerm[];

const has = (fields: string | readonly string[], ...values: string[]): RouteTerm => ({
  fields: typeof fields === 'string' ? [fields] : fields,
  values,
});

const PROGRAM = ['process.name'] as const;
const DEVICE = ['observer.vendor', 'observer.product'] as const;

/** The events of each product. */
const PRODUCTS: Readonly<Record<string, Route>> = {
  linux: [has(['event.module', 'host.os.type'], 'linux', 'syslog')],
  osirium: [has(DEVICE, 'osirium')],
  segura: [has(DEVICE, 'segura', 'senhasegura')],
  senhasegura: [has(DEVICE, 'segura', 'senhasegura')],
  earshot: [has('event.module', 'earshot')],
  windows: [has(['event.module', 'host.os.type'], 'windows')],
};

/** The events of each service, by product; `*` is for rules without a product. */
const SERVICES: Readonly<Record<string, Readonly<Record<string, Route>>>> = {
  linux: {
    auditd: [has('event.dataset', 'linux.auditd', 'auditd.log')],
    auth: [has('event.dataset', 'linux.auth', 'system.auth')],
    clamav: [has(PROGRAM, 'clamd', 'clamscan', 'freshclam', 'clamav-milter', 'clamonacc')],
    cron: [has([...PROGRAM, 'event.dataset'], 'cron', 'crond', 'crontab', 'anacron', 'atd', 'linux.cron')],
    guacamole: [has(PROGRAM, 'guacd', 'guacamole')],
    modsecurity: [has([...PROGRAM, 'event.dataset'], 'modsecurity', 'modsec', 'apache2', 'httpd', 'nginx')],
    sshd: [has(PROGRAM, 'sshd', 'sshd-session', 'sshd-auth')],
    sudo: [has(PROGRAM, 'sudo')],
    syslog: [],
    vsftpd: [has(PROGRAM, 'vsftpd')],
  },
  windows: WINDOWS_SERVICES,
  '*': {
    apache: [has([...PROGRAM, 'event.module'], 'apache', 'apache2', 'httpd')],
    nginx: [has([...PROGRAM, 'event.module'], 'nginx')],
    sshd: [has(PROGRAM, 'sshd', 'sshd-session', 'sshd-auth')],
  },
};

/** The events of each category, whatever the product. */
const CATEGORIES: Readonly<Record<string, Route>> = {
  authentication: [has('event.category', 'authentication')],
  file_event: [has('event.category', 'file')],
  firewall: [has('event.category', 'network')],
  iam: [has('event.category', 'iam')],
  network_connection: [has('event.category', 'network')],
  pam: [has(DEVICE, 'segura', 'senhasegura', 'osirium')],
  process_creation: [has('event.category', 'process'), has('event.type', 'start')],
  proxy: [has('event.category', 'web', 'network')],
  webserver: [has('event.category', 'web')],
  ...WINDOWS_CATEGORIES,
};

/**
 * The route of a log source; undefined where no event of Earshot is of it, so the rule can never fire here. All that a rule says of
 * its log source must hold: a rule for one product is never asked about another's events.
 */
export function routeOf(logsource: Logsource): Route | undefined {
  const { product, category, service } = logsource;
  const parts: (Route | undefined)[] = [];
  if (product !== undefined) parts.push(own(PRODUCTS, product));
  if (category !== undefined) parts.push(own(CATEGORIES, category));
  if (service !== undefined) parts.push(own(own(SERVICES, product ?? '*') ?? {}, service));
  const terms: RouteTerm[] = [];
  for (const part of parts) {
    if (part === undefined) return undefined;
    terms.push(...part);
  }
  return terms;
}

const own = <T>(table: Readonly<Record<string, T>>, key: string): T | undefined => (Object.hasOwn(table, key) ? table[key] : undefined);

/** `product: linux, service: sshd`. */
export const logsourceText = (logsource: Logsource): string =>
  Object.entries(logsource)
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ');
