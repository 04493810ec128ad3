import { Chance, DAY, HOUR, MINUTE, SECOND } from '../acme/chance.ts';
import { anomaly, type Deed, download, type Entry, endedBySlack, type Found, type From, signIn } from './entries.ts';
import { isWeekend } from './ordinary.ts';
import { KNOWN_BAD, type Member } from './people.ts';

/** Something that a person or a stolen session does, and that has to be found. */
export interface Attack {
  /** The scenario and its number: `cookie_theft-1`. */
  readonly name: string;
  readonly scenario: Scenario;
  readonly entries: readonly Entry[];
}

interface Plan {
  readonly name: string;
  readonly who: Member;
  /** Others, where an attack has several victims. */
  readonly others: readonly Member[];
  /** The day, at midnight; a workday with some workdays after it. */
  readonly start: number;
  readonly chance: Chance;
}

/** Whom it takes. */
type Victim = 'member' | 'administrator' | 'leaver';

interface Kind {
  readonly about: string;
  readonly victim: Victim;
  readonly play: (plan: Plan) => readonly Entry[];
}

const SCRIPTS = ['python-requests/2.32.5', 'Go-http-client/2.0', 'aiohttp/3.13', 'Scrapers Inc'] as const;
const stranger = (chance: Chance): string => `203.0.113.${chance.whole(1, 190)}`;
const morning = ({ start, chance }: Plan): number => start + chance.whole(8 * HOUR, 15 * HOUR);
const late = (chance: Chance): number => chance.whole(5 * SECOND, 4 * MINUTE);
const home = ({ home, computer }: Member): From => ({ address: home, program: computer });

const deedOf =
  ({ name, who }: Plan, from: From) =>
  (at: number): Deed => ({ who, at, attack: name, ...from });

/** So many different files, evenly spread. */
const take = ({ name }: Plan, deed: (at: number) => Deed, count: number, from: number, to: number): Entry[] =>
  Array.from({ length: count }, (_, i) => download(deed(Math.floor(from + ((to - from) * i) / count)), `${name}-${from}-${i}`));

const told = ({ chance }: Plan, deed: Deed, found: Found): Entry => anomaly(deed, found, late(chance));

const SCENARIOS = {
  cookie_theft: {
    about: 'A stolen cookie: another address, then a script or the victim’s own browser by name, and many downloads within the hour.',
    victim: 'member',
    play: (plan) => {
      const { chance, who } = plan;
      const at = morning(plan);
      const scripted = chance.once(0.5);
      const deed = deedOf(plan, { address: stranger(chance), program: scripted ? chance.pick(SCRIPTS) : who.computer });
      const reasons = ['ip_address', 'session_fingerprint', ...(scripted ? ['user_agent', 'unexpected_user_agent'] : [])];
      const end = at + chance.whole(15 * MINUTE, 40 * MINUTE);
      return [
        told(plan, deed(at), { reasons, addressDetails: ['new-asn', 'cloud-asn'] }),
        ...take(plan, deed, chance.whole(60, 250), at + MINUTE, end),
        told(plan, deed(end), { reasons: ['excessive_downloads'] }),
        ...(chance.once(0.5) ? [endedBySlack(who, end + 10 * MINUTE, plan.name)] : []),
      ];
    },
  },
  cookie_theft_quiet: {
    about: 'A stolen cookie in a browser like the victim’s: an address, then a cookie that does not fit, and a few files.',
    victim: 'member',
    play: (plan) => {
      const { chance, who } = plan;
      const at = morning(plan);
      const deed = deedOf(plan, { address: stranger(chance), program: who.computer });
      return [
        told(plan, deed(at), { reasons: ['ip_address'], addressDetails: ['new-asn'] }),
        told(plan, deed(at + chance.whole(MINUTE, 45 * MINUTE)), { reasons: ['session_fingerprint'] }),
        ...take(plan, deed, chance.whole(3, 15), at + 5 * MINUTE, at + 2 * HOUR),
      ];
    },
  },
  leaver_scraping: {
    about: 'Somebody who leaves runs a tool that scrapes, at night, from home.',
    victim: 'leaver',
    play: (plan) => {
      const { chance, who, start } = plan;
      const at = start + chance.whole(20 * HOUR, 22 * HOUR);
      const deed = deedOf(plan, { address: who.home, program: 'Scrapers Inc' });
      return [
        told(plan, deed(at), { reasons: ['unexpected_scraping', 'user_agent'] }),
        ...take(plan, deed, chance.whole(80, 300), at, at + HOUR),
      ];
    },
  },
  leaver_downloads: {
    about: 'Somebody who leaves downloads a lot, with their own program at their own address.',
    victim: 'leaver',
    play: (plan) => {
      const { chance, who } = plan;
      const at = morning(plan);
      const deed = deedOf(plan, home(who));
      return [
        ...take(plan, deed, chance.whole(20, 90), at, at + 2 * HOUR),
        told(plan, deed(at + HOUR), { reasons: ['excessive_downloads'] }),
      ];
    },
  },
  leaver_slow: {
    about: 'Somebody who leaves downloads on each of three days what Slack finds nothing in.',
    victim: 'leaver',
    play: (plan) => {
      const { chance, who, start } = plan;
      const deed = deedOf(plan, home(who));
      return [0, 1, 2].flatMap((day) =>
        take(plan, deed, chance.whole(45, 70), start + day * DAY + 8 * HOUR, start + day * DAY + 17 * HOUR),
      );
    },
  },
  strange_program: {
    about: 'A program that nobody expects, at the person’s own address, and many downloads.',
    victim: 'member',
    play: (plan) => {
      const { chance, who } = plan;
      const at = morning(plan);
      const deed = deedOf(plan, { address: who.home, program: chance.pick(SCRIPTS) });
      return [
        told(plan, deed(at), { reasons: ['user_agent', 'unexpected_user_agent'] }),
        ...take(plan, deed, chance.whole(60, 200), at, at + 40 * MINUTE),
        told(plan, deed(at + 40 * MINUTE), { reasons: ['excessive_downloads'] }),
      ];
    },
  },
  administrator_stolen: {
    about: 'The session of an administrator, from elsewhere, in a browser like theirs.',
    victim: 'administrator',
    play: (plan) => {
      const { chance, who } = plan;
      const at = morning(plan);
      const deed = deedOf(plan, { address: stranger(chance), program: who.computer });
      const reasons = chance.once(0.5) ? ['session_fingerprint', 'ip_address'] : ['session_fingerprint'];
      return [told(plan, deed(at), { reasons }), told(plan, deed(at + 10 * MINUTE), { reasons: ['unexpected_admin_action'] })];
    },
  },
  slow_scraping: {
    about: 'Somebody who stays reads file after file for three days, in a browser at home: too slow for Slack to see.',
    victim: 'member',
    play: (plan) => {
      const { chance, who, start } = plan;
      const deed = deedOf(plan, home(who));
      return [0, 1, 2].flatMap((day) =>
        take(plan, deed, chance.whole(90, 180), start + day * DAY + 7 * HOUR, start + day * DAY + 19 * HOUR),
      );
    },
  },
  campaign: {
    about: 'The cookies of five people or more, used from one address on one day, a few files each.',
    victim: 'member',
    play: (plan) => {
      const { chance, who, others } = plan;
      const address = stranger(chance);
      return [who, ...others].flatMap((each) => {
        const own = { ...plan, who: each };
        const at = morning(plan);
        const deed = deedOf(own, { address, program: each.computer });
        return [
          told(own, deed(at), { reasons: ['ip_address'], addressDetails: ['new-asn'] }),
          ...take({ ...own, name: `${plan.name}-${each.n}` }, deed, chance.whole(1, 8), at, at + HOUR),
        ];
      });
    },
  },
  through_tor: {
    about: 'A session that comes by way of Tor.',
    victim: 'member',
    play: (plan) => {
      const { chance, who } = plan;
      const at = morning(plan);
      const deed = deedOf(plan, { address: stranger(chance), program: who.computer });
      return [told(plan, deed(at), { reasons: ['tor', 'ip_address'] }), ...take(plan, deed, chance.whole(2, 10), at, at + 30 * MINUTE)];
    },
  },
  known_bad_address: {
    about: 'A sign-in and some files from an address that the team has on its list, of which Slack says nothing.',
    victim: 'member',
    play: (plan) => {
      const { chance, who } = plan;
      const at = morning(plan);
      const deed = deedOf(plan, { address: KNOWN_BAD, program: who.computer });
      return [signIn(deed(at)), ...take(plan, deed, chance.whole(2, 10), at, at + 30 * MINUTE)];
    },
  },
  more_than_ever: {
    about: 'Somebody whom Slack calls excessive five times on one day, with their own program at their own address.',
    victim: 'member',
    play: (plan) => {
      const { chance, who, start } = plan;
      const deed = deedOf(plan, home(who));
      const times = chance.times(chance.whole(5, 8), start + 8 * HOUR, start + 18 * HOUR);
      return times.flatMap((at) => [
        ...take(plan, deed, chance.whole(10, 30), at, at + 10 * MINUTE),
        told(plan, deed(at + 10 * MINUTE), { reasons: ['excessive_downloads'] }),
      ]);
    },
  },
  script_as_browser: {
    about: 'A script that says it is the person’s browser, at their own address.',
    victim: 'member',
    play: (plan) => {
      const { chance, who } = plan;
      const at = morning(plan);
      const deed = deedOf(plan, home(who));
      return [
        told(plan, deed(at), { reasons: ['spoofed_user_agent', 'unexpected_client', 'unexpected_api_call_volume'] }),
        ...take(plan, deed, chance.whole(5, 20), at, at + 30 * MINUTE),
      ];
    },
  },
  cookies_of_many: {
    about:
      'A program on the machines of eight people or more takes their cookies: Slack finds each not to fit, at the person’s own address.',
    victim: 'member',
    play: (plan) => {
      const { chance, who, others } = plan;
      return [who, ...others].flatMap((each) => {
        const own = { ...plan, who: each };
        const at = morning(plan);
        const deed = deedOf(own, home(each));
        return [
          told(own, deed(at), { reasons: ['session_fingerprint'] }),
          ...take({ ...own, name: `${plan.name}-${each.n}` }, deed, chance.whole(1, 5), at, at + HOUR),
        ];
      });
    },
  },
} as const satisfies Record<string, Kind>;

/** How many victims more than one. */
const OTHERS: Readonly<Partial<Record<keyof typeof SCENARIOS, readonly [least: number, most: number]>>> = {
  campaign: [4, 7],
  cookies_of_many: [7, 11],
};

export type Scenario = keyof typeof SCENARIOS;
// The keys of an object literal that is whole.
export const SCENARIO_NAMES = Object.keys(SCENARIOS) as readonly Scenario[];
export const aboutOf = (scenario: Scenario): string => SCENARIOS[scenario].about;

export interface Planted {
  readonly attacks: readonly Attack[];
  /** Who leaves. */
  readonly leavers: readonly Member[];
}

/** Each scenario once, on people and days that the seed picks. `days`: midnights between which attacks may begin. */
export function plantAttacks(people: readonly Member[], days: { readonly from: number; readonly to: number }, seed: number): Planted {
  const chance = new Chance(seed, 'attacks');
  const leavers: Member[] = [];
  const free = shuffled(
    people.filter(({ n }) => n > 2),
    chance,
  );
  const next = (fits: (who: Member) => boolean): Member => {
    const at = free.findIndex(fits);
    const [who] = free.splice(at, 1);
    if (at < 0 || who === undefined) throw new Error('too few people for all attacks');
    return who;
  };
  const attacks = SCENARIO_NAMES.map((scenario): Attack => {
    const { victim, play }: Kind = SCENARIOS[scenario];
    const who = next(({ role, heavy }) => (victim === 'administrator' ? role !== 'regular' : role === 'regular' && !heavy));
    if (victim === 'leaver') leavers.push(who);
    const [least, most] = OTHERS[scenario] ?? [0, 0];
    const others = Array.from({ length: most === 0 ? 0 : chance.whole(least, most) }, () => next(({ role }) => role === 'regular'));
    const name = `${scenario}-${seed}`;
    return { name, scenario, entries: play({ name, who, others, start: startOf(days, chance), chance: new Chance(seed, scenario) }) };
  });
  return { attacks, leavers };
}

/** A Monday to Wednesday: what goes on for three days goes on on workdays. */
function startOf({ from, to }: { readonly from: number; readonly to: number }, chance: Chance): number {
  const days = Array.from({ length: Math.floor((to - from) / DAY) }, (_, i) => from + i * DAY).filter(
    (day) => !isWeekend(day) && !isWeekend(day + 2 * DAY),
  );
  const [first, ...rest] = days;
  if (first === undefined) throw new Error('too few days for all attacks');
  return chance.pick([first, ...rest]);
}

function shuffled<T>(of: readonly T[], chance: Chance): T[] {
  return of
    .map((each) => ({ each, key: chance.between(0, 1) }))
    .sort((a, b) => a.key - b.key)
    .map(({ each }) => each);
}
