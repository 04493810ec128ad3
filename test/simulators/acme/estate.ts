/** A machine that people and programs log in to. */
export interface Host {
  readonly name: string;
  readonly ip: string;
  readonly kind: 'web' | 'app' | 'db' | 'bastion' | 'infra' | 'windows' | 'network';
}

const some = (kind: Host['kind'], firstIp: number, names: readonly string[]): Host[] =>
  names.map((name, i) => ({ name, kind, ip: `198.51.100.${firstIp + i}` }));

export const HOSTS: readonly Host[] = [
  ...some('web', 10, ['web01', 'web02', 'web03', 'web04', 'web05', 'web06']),
  ...some('app', 20, ['app01', 'app02', 'app03', 'app04', 'app05', 'app06', 'app07', 'app08']),
  ...some('db', 30, ['db01', 'db02', 'db03', 'db04', 'dwh01']),
  ...some('bastion', 40, ['bastion01', 'bastion02']),
  ...some('infra', 50, ['ci01', 'git01', 'mail01', 'ldap01', 'dns01', 'dns02', 'log01', 'backup01', 'mon01', 'proxy01']),
  ...some('windows', 70, ['dc01', 'dc02', 'fs01', 'sql01', 'rds01', 'exch01']),
  ...some('network', 90, ['fw01', 'fw02', 'sw-core01', 'sw-core02', 'lb01']),
];

export const LINUX_HOSTS: readonly Host[] = HOSTS.filter(({ kind }) => kind !== 'windows' && kind !== 'network');

export const hostsOf = (...kinds: readonly Host['kind'][]): [Host, ...Host[]] => {
  const [first, ...rest] = HOSTS.filter(({ kind }) => kinds.includes(kind));
  if (first === undefined) throw new Error(`Acme has no machines of the kinds ${kinds.join(', ')}`);
  return [first, ...rest];
};

export function hostOf(name: string): Host {
  const host = HOSTS.find((each) => each.name === name);
  if (host === undefined) throw new Error(`Acme has no machine ${name}`);
  return host;
}

export const fullName = ({ name }: Host): string => `${name}.example.com`;

/** Fell silent: the machine that makes the backups says nothing since then, and nobody has noticed. */
export const SILENT_HOST = { name: 'backup01', hoursBefore: 50 } as const;
/** The readers of badges at the doors say nothing since then: a source that is quiet. */
export const SILENT_DOORS = { hoursBefore: 44 } as const;

export const VAULT = { name: 'vault01', ip: '198.51.100.60' } as const;
export const PXM = { name: 'pxm01', ip: '198.51.100.61' } as const;
export const CRM = { name: 'crm.example.com', ip: '198.51.100.62' } as const;
export const MONITOR = { ip: '198.51.100.58' } as const;
export const CONFIGURATION = { name: 'ci01', ip: '198.51.100.50' } as const;

/** Accounts that the vaults keep the passwords of, by the kind of machine. */
export const CREDENTIALS: Readonly<Record<Host['kind'], readonly [string, ...string[]]>> = {
  web: ['deploy', 'nginx_adm', 'app_ro'],
  app: ['deploy', 'svc_app', 'app_ro'],
  db: ['dba_ro', 'dba_adm', 'svc_backup'],
  bastion: ['ops'],
  infra: ['ops', 'svc_monitor'],
  windows: ['srv_admin', 'svc_sql', 'helpdesk'],
  network: ['netops', 'netops_ro'],
};

/** The account of each kind of machine that can do everything. */
export const ALL_POWERFUL: Readonly<Record<Host['kind'], string>> = {
  web: 'root',
  app: 'root',
  db: 'root',
  bastion: 'root',
  infra: 'root',
  windows: 'Administrator',
  network: 'enable',
};
