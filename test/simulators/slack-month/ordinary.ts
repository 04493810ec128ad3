import { Chance, DAY, HOUR, MINUTE, SECOND } from '../acme/chance.ts';
import { anomaly, appAnomaly, type Deed, download, type Entry, endedBySlack, type Found, type From, signIn } from './entries.ts';
import { ARCHIVE, type Member, OFFICE, VPN } from './people.ts';

/** Where and when a day of somebody is. */
interface Day {
  readonly who: Member;
  readonly day: number;
  /** Midnight. */
  readonly start: number;
  readonly chance: Chance;
}

/** What an organization does in Slack on one day while nobody means harm, and what Slack calls an anomaly of it. */
export function ordinaryDay(people: readonly Member[], day: number, start: number, seed: number): Entry[] {
  const weekend = isWeekend(start);
  return [
    ...people.flatMap((who) => {
      const chance = new Chance(seed, 'day', day, who.n);
      return chance.once(weekend ? 0.08 : 0.92) ? personsDay({ who, day, start, chance }) : [];
    }),
    ...archive(people, day, start),
    ...apps(day, start, seed),
  ];
}

export const isWeekend = (at: number): boolean => [0, 6].includes(new Date(at).getUTCDay());

function personsDay(of: Day): Entry[] {
  const { who, day, chance, start } = of;
  const place = placeOf(of);
  const deed = (at: number): Deed => ({ who, at, ...place });
  const hours = [start + 7 * HOUR, start + 18 * HOUR] as const;
  const files = chance.near(who.files * chance.between(0.3, 1.7));
  return [
    ...chance.times(chance.near(0.6), ...hours).map((at) => signIn(deed(at))),
    ...chance.times(files, ...hours).map((at, i) => download(deed(at), `${who.n}-${day}-${i}`)),
    ...chance.times(chance.near(0.4), ...hours).map((at) => signIn({ who, at, program: who.phone, address: mobile(chance) })),
    ...onTheWay(of, place),
    ...newPhone(of),
    ...quirks(of, deed),
  ];
}

const mobile = (chance: Chance): string => `2001:db8:3:${chance.whole(1, 60_000).toString(16)}::1`;

const isAway = ({ who: { journey }, day }: Day): boolean =>
  journey !== undefined && day >= journey.from && day < journey.from + journey.days;

function placeOf(of: Day): From {
  const { who, day, chance } = of;
  const program = who.computer;
  if (isAway(of)) return { program, address: `2001:db8:2:${((who.n * 31 + Math.floor(day / 2)) % 60_000).toString(16)}::1` };
  if (who.vpn && chance.once(0.8)) return { program, address: chance.pick(VPN) };
  return { program, address: chance.once(0.6) ? chance.pick(OFFICE) : who.home };
}

const late = (chance: Chance): number => chance.whole(5 * SECOND, 4 * MINUTE);
const someTime = ({ start, chance }: Day): number => chance.whole(start + 7 * HOUR, start + 19 * HOUR);

const NEW_NETWORK: Found = { reasons: ['ip_address'], addressDetails: ['new-asn'] };

/** Trains, hotels and conferences: each network is a new one, and now and then a cookie has lain too long. */
function onTheWay(of: Day, place: From): Entry[] {
  if (!isAway(of)) return [];
  const { who, chance } = of;
  const moves = Array.from({ length: chance.whole(1, 3) }, () => anomaly({ who, at: someTime(of), ...place }, NEW_NETWORK, late(chance)));
  const stale = chance.once(0.04) ? [anomaly({ who, at: someTime(of), ...place }, { reasons: ['session_fingerprint'] }, late(chance))] : [];
  return [...moves, ...stale];
}

function newPhone(of: Day): Entry[] {
  const { who, day, chance } = of;
  if (who.newPhone !== day) return [];
  const deed = { who, at: someTime(of), program: who.phone.replace('25.11.10', '25.11.20'), address: mobile(chance) };
  return [
    signIn(deed),
    anomaly(deed, { reasons: ['user_agent', 'unexpected_client'] }, late(chance)),
    anomaly({ ...deed, at: deed.at + MINUTE }, NEW_NETWORK, late(chance)),
  ];
}

/** How often on a day, with which reasons: what Slack finds of people who do nothing wrong. */
const QUIRKS: readonly (readonly [perDay: number, Found])[] = [
  // The telephone is in another network each day.
  [0.035, NEW_NETWORK],
  [0.012, { reasons: ['user_agent'] }],
  [0.0015, { reasons: ['session_fingerprint'] }],
  [0.0008, { reasons: ['excessive_downloads'] }],
  [0.0008, { reasons: ['unexpected_api_call_volume'] }],
  [0.0004, { reasons: ['unexpected_client'] }],
  [0.0003, { reasons: ['excessive_file_shares'] }],
  [0.0001, { reasons: ['unexpected_message_deletion'] }],
];

function quirks(of: Day, deed: (at: number) => Deed): Entry[] {
  const { who, chance } = of;
  const found = QUIRKS.flatMap(([perDay, what]) => (chance.once(perDay) ? [what] : [])).map((what) => {
    const at = someTime(of);
    const moved = what === NEW_NETWORK ? { address: mobile(chance), program: who.phone } : {};
    return { at, what, entry: anomaly({ ...deed(at), ...moved }, what, late(chance)) };
  });
  const ended = found.filter(({ what }) => what.reasons.includes('session_fingerprint') && chance.once(0.3));
  return [
    ...found.map((each) => each.entry),
    ...ended.map(({ at }) => endedBySlack(who, at + 5 * MINUTE)),
    ...(who.vpn && chance.once(0.25) ? [throughVpn(of)] : []),
    ...(who.heavy && chance.once(0.2) ? busy(of, deed) : []),
    ...(chance.once(0.0003) ? tried(of) : []),
  ];
}

const throughVpn = (of: Day): Entry =>
  anomaly(
    { who: of.who, at: someTime(of), program: of.who.computer, address: of.chance.pick(VPN) },
    { reasons: ['ip_address'], addressDetails: of.chance.once(0.5) ? ['cloud-asn'] : ['new-asn'] },
    late(of.chance),
  );

/** Who works with files all day now and then works with more. */
function busy(of: Day, deed: (at: number) => Deed): Entry[] {
  const { who, day, chance } = of;
  const from = someTime(of);
  const files = chance.times(chance.whole(5, 20), from, from + HOUR).map((at, i) => download(deed(at), `${who.n}-${day}-busy${i}`));
  const told = Array.from({ length: chance.whole(1, 3) }, (_, i) =>
    anomaly(deed(from + i * 20 * MINUTE), { reasons: ['excessive_downloads'] }, late(chance)),
  );
  return [...files, ...told];
}

/** A developer tries what the API can do. */
function tried(of: Day): Entry[] {
  const deed = { who: of.who, at: someTime(of), program: 'curl/8.16.0', address: of.who.home };
  return [anomaly(deed, { reasons: ['user_agent', 'unexpected_user_agent'] }, late(of.chance))];
}

/** An archive fetches what is new, each night, with the account of the first who is no administrator. */
function archive(people: readonly Member[], day: number, start: number): Entry[] {
  const who = people.find(({ role }) => role === 'regular');
  if (who === undefined) return [];
  return Array.from({ length: 30 + (day % 7) }, (_, i) =>
    download({ who, at: start + 2 * HOUR + i * MINUTE, ...ARCHIVE }, `archive-${day}-${i}`),
  );
}

function apps(day: number, start: number, seed: number): Entry[] {
  const chance = new Chance(seed, 'apps', day);
  return Array.from({ length: 6 }, (_, app) => app)
    .filter(() => chance.once(0.12))
    .map((app) => appAnomaly(app, start + chance.whole(0, DAY - 1), `198.51.100.${chance.whole(100, 200)}`));
}
