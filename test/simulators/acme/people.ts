/** Where people work; hours from UTC without summer time, which Acme does not observe. */
export const OFFICES = {
  london: { hoursFromUtc: 0, network: '192.0.2.0', first: 10 },
  lisbon: { hoursFromUtc: 0, network: '192.0.2.0', first: 60 },
  berlin: { hoursFromUtc: 1, network: '192.0.2.0', first: 100 },
  'sao paulo': { hoursFromUtc: -3, network: '192.0.2.0', first: 130 },
  boston: { hoursFromUtc: -5, network: '192.0.2.0', first: 160 },
  bangalore: { hoursFromUtc: 5.5, network: '192.0.2.0', first: 190 },
} as const;
export type Office = keyof typeof OFFICES;

/** What people do, and so which systems hear of them. */
export type Craft = 'linux' | 'database' | 'windows' | 'network' | 'developer' | 'security' | 'sales' | 'support' | 'staff';

export interface Person {
  readonly login: string;
  readonly name: string;
  readonly title: string;
  readonly department: string;
  readonly office: Office;
  readonly craft: Craft;
  /** The manager's login. */
  readonly manager?: string;
  /** From outside; works through the vault alone. */
  readonly contractor?: boolean;
  /** Days until they go; the directory says the date. */
  readonly leavesInDays?: number;
  /** Has left: the directory says so, and nothing should come from them. */
  readonly left?: boolean;
}

type Row = readonly [
  login: string,
  name: string,
  title: string,
  office: Office,
  craft: Craft,
  manager?: string,
  more?: Partial<Pick<Person, 'contractor' | 'leavesInDays' | 'left'>>,
];

const DEPARTMENTS: Readonly<Record<Craft, string>> = {
  linux: 'Infrastructure',
  database: 'Data',
  windows: 'Infrastructure',
  network: 'Infrastructure',
  developer: 'Engineering',
  security: 'Security',
  sales: 'Sales',
  support: 'Support',
  staff: 'Administration',
};

const ROWS: readonly Row[] = [
  ['hokafor', 'Helen Okafor', 'Chief Executive', 'london', 'staff'],
  ['rlindqvist', 'Rasmus Lindqvist', 'Head of Infrastructure', 'berlin', 'linux', 'hokafor'],
  ['msilva', 'Maria da Silva', 'Vault Owner', 'sao paulo', 'security', 'tadeyemi'],
  ['tadeyemi', 'Tunde Adeyemi', 'Head of Security', 'london', 'security', 'hokafor'],
  ['jsilva', 'José da Silva', 'Linux Engineer', 'sao paulo', 'linux', 'rlindqvist'],
  ['akowalski', 'Anna Kowalski', 'Linux Engineer', 'berlin', 'linux', 'rlindqvist'],
  ['pmurray', 'Patrick Murray', 'Linux Engineer', 'boston', 'linux', 'rlindqvist'],
  ['vrao', 'Vikram Rao', 'Linux Engineer', 'bangalore', 'linux', 'rlindqvist'],
  ['sito', 'Sachiko Ito', 'Site Reliability Engineer', 'london', 'linux', 'rlindqvist'],
  ['dferreira', 'Diogo Ferreira', 'Site Reliability Engineer', 'lisbon', 'linux', 'rlindqvist'],
  ['kbauer', 'Katrin Bauer', 'Head of Data', 'berlin', 'database', 'hokafor'],
  ['lcosta', 'Luísa Costa', 'Database Administrator', 'lisbon', 'database', 'kbauer'],
  ['nreddy', 'Nisha Reddy', 'Database Administrator', 'bangalore', 'database', 'kbauer'],
  ['wchen', 'Wei Chen', 'Database Administrator', 'boston', 'database', 'kbauer'],
  ['oduarte', 'Otávio Duarte', 'Database Administrator', 'sao paulo', 'database', 'kbauer'],
  ['gmarsh', 'Gemma Marsh', 'Windows Engineer', 'london', 'windows', 'rlindqvist'],
  ['bhughes', 'Bryn Hughes', 'Windows Engineer', 'london', 'windows', 'rlindqvist'],
  ['rnair', 'Ravi Nair', 'Windows Engineer', 'bangalore', 'windows', 'rlindqvist'],
  ['cmoreau', 'Camille Moreau', 'Windows Engineer', 'lisbon', 'windows', 'rlindqvist'],
  ['fschulz', 'Felix Schulz', 'Network Engineer', 'berlin', 'network', 'rlindqvist'],
  ['eabbott', 'Edie Abbott', 'Network Engineer', 'boston', 'network', 'rlindqvist'],
  ['mpillai', 'Meera Pillai', 'Network Engineer', 'bangalore', 'network', 'rlindqvist'],
  ['izhang', 'Iris Zhang', 'Security Analyst', 'london', 'security', 'tadeyemi'],
  ['dgreene', 'Darnell Greene', 'Security Analyst', 'boston', 'security', 'tadeyemi'],
  ['hvogel', 'Hanna Vogel', 'Head of Engineering', 'berlin', 'developer', 'hokafor'],
  ['apatel', 'Asha Patel', 'Developer', 'london', 'developer', 'hvogel'],
  ['jtorres', 'Javier Torres', 'Developer', 'lisbon', 'developer', 'hvogel'],
  ['kmensah', 'Kofi Mensah', 'Developer', 'london', 'developer', 'hvogel'],
  ['lnovak', 'Lena Novak', 'Developer', 'berlin', 'developer', 'hvogel'],
  ['rsouza', 'Renata Souza', 'Developer', 'sao paulo', 'developer', 'hvogel'],
  ['smenon', 'Suresh Menon', 'Developer', 'bangalore', 'developer', 'hvogel'],
  ['tbrandt', 'Tim Brandt', 'Developer', 'berlin', 'developer', 'hvogel'],
  ['yhassan', 'Yara Hassan', 'Developer', 'london', 'developer', 'hvogel'],
  ['zwright', 'Zoe Wright', 'Release Engineer', 'boston', 'developer', 'hvogel'],
  ['bromario', 'Bento Romário', 'Contractor, Storage', 'sao paulo', 'linux', 'rlindqvist', { contractor: true }],
  ['xdubois', 'Xavier Dubois', 'Contractor, Databases', 'lisbon', 'database', 'kbauer', { contractor: true }],
  ['skhan', 'Samir Khan', 'Contractor, Network', 'london', 'network', 'rlindqvist', { contractor: true }],
  ['npetrov', 'Nadia Petrov', 'Contractor, Windows', 'berlin', 'windows', 'rlindqvist', { contractor: true }],
  ['cgrant', 'Carol Grant', 'Head of Sales', 'london', 'sales', 'hokafor'],
  ['mcalloway', 'Matt Calloway', 'Account Executive', 'boston', 'sales', 'cgrant', { leavesInDays: 6 }],
  ['ablake', 'Alec Blake', 'Account Executive', 'boston', 'sales', 'cgrant'],
  ['slevine', 'Shelley Levine', 'Account Executive', 'boston', 'sales', 'cgrant'],
  ['dmoss', 'Dana Moss', 'Account Executive', 'london', 'sales', 'cgrant'],
  ['graposo', 'Graça Raposo', 'Account Executive', 'lisbon', 'sales', 'cgrant'],
  ['jkeller', 'Jonas Keller', 'Account Executive', 'berlin', 'sales', 'cgrant'],
  ['pnunes', 'Paula Nunes', 'Account Executive', 'sao paulo', 'sales', 'cgrant'],
  ['viyer', 'Vidya Iyer', 'Account Executive', 'bangalore', 'sales', 'cgrant'],
  ['owalsh', 'Orla Walsh', 'Head of Support', 'london', 'support', 'hokafor'],
  ['ebecker', 'Emil Becker', 'Support Engineer', 'berlin', 'support', 'owalsh'],
  ['frocha', 'Filipa Rocha', 'Support Engineer', 'lisbon', 'support', 'owalsh'],
  ['jcarter', 'Jade Carter', 'Support Engineer', 'boston', 'support', 'owalsh'],
  ['mkumar', 'Manoj Kumar', 'Support Engineer', 'bangalore', 'support', 'owalsh'],
  ['tlima', 'Tainá Lima', 'Support Engineer', 'sao paulo', 'support', 'owalsh'],
  ['wowusu', 'Wendy Owusu', 'Support Engineer', 'london', 'support', 'owalsh'],
  ['bfischer', 'Britta Fischer', 'Head of Finance', 'berlin', 'staff', 'hokafor'],
  ['cnair', 'Chitra Nair', 'Accountant', 'bangalore', 'staff', 'bfischer'],
  ['ddavies', 'Dylan Davies', 'Accountant', 'london', 'staff', 'bfischer'],
  ['eribeiro', 'Elsa Ribeiro', 'Head of People', 'lisbon', 'staff', 'hokafor'],
  ['rjansen', 'Ruth Jansen', 'Recruiter', 'berlin', 'staff', 'eribeiro'],
  ['gomez', 'Gil Gómez', 'Linux Engineer', 'lisbon', 'linux', 'rlindqvist', { left: true }],
];

/** Everybody whom the directory knows. */
export const PEOPLE: readonly Person[] = ROWS.map(([login, name, title, office, craft, manager, more]) => ({
  login,
  name,
  title,
  office,
  craft,
  department: DEPARTMENTS[craft],
  ...(manager !== undefined && { manager }),
  ...more,
}));

/** Those who come to work. */
export const AT_WORK: readonly Person[] = PEOPLE.filter(({ left }) => left !== true);

const BY_LOGIN = new Map(PEOPLE.map((person) => [person.login, person]));

export function personOf(login: string): Person {
  const person = BY_LOGIN.get(login);
  if (person === undefined) throw new Error(`nobody at Acme is called ${login}`);
  return person;
}

export const mailOf = ({ login, name }: Person): string => {
  const [first = login, ...rest] = plain(name).toLowerCase().split(' ');
  return `${first}.${rest.at(-1) ?? first}@example.com`;
};

/** The account that administrators use in Osirium and on Windows. */
export const adminAccountOf = ({ login }: Person): string => `adm-${login}`;

const ADMIN_CRAFTS: readonly Craft[] = ['linux', 'database', 'windows', 'network', 'security'];
export const isAdmin = ({ craft }: Person): boolean => ADMIN_CRAFTS.includes(craft);

/** Their desk, within the office's addresses. */
export function deskOf(person: Person): string {
  const { network, first } = OFFICES[person.office];
  const place = AT_WORK.filter(({ office }) => office === person.office).indexOf(person);
  return `${network.slice(0, network.lastIndexOf('.'))}.${first + Math.max(0, place)}`;
}

/** Where they work from when they are not in the office: the VPN gives each their own address. */
export const vpnAddressOf = (person: Person): string => `198.51.100.${180 + (Math.max(0, AT_WORK.indexOf(person)) % 64)}`;

/** Without accents, as systems of old want it. */
const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '');
