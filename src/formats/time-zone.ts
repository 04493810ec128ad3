/**
 * Offsets of time zones: IANA names through Intl, abbreviations by a table, and numeric forms (`+02:00`, `GMT-3`). Asking Intl costs
 * microseconds, so answers are kept per quarter of an hour: no zone in use changes its offset at any other moment.
 */
const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
const DAY = 86_400_000;
const KEPT_NAMES = 1024;
const KEPT_QUARTERS = 512;

/** Minutes east of UTC. Where a name has several meanings the first is the default, and a sender's own zone may choose another. */
const ABBREVIATIONS: Readonly<Record<string, readonly number[]>> = {
  UTC: [0],
  GMT: [0],
  UT: [0],
  Z: [0],
  WET: [0],
  WEST: [60],
  CET: [60],
  CEST: [120],
  MEZ: [60],
  MESZ: [120],
  EET: [120],
  EEST: [180],
  MSK: [180],
  BST: [60, 360],
  IST: [330, 60, 120],
  IDT: [180],
  SAST: [120],
  EAT: [180],
  WAT: [60],
  CAT: [120],
  GST: [240],
  PKT: [300],
  ICT: [420],
  WIB: [420],
  SGT: [480],
  HKT: [480],
  PHT: [480],
  AWST: [480],
  JST: [540],
  KST: [540],
  ACST: [570],
  ACDT: [630],
  AEST: [600],
  AEDT: [660],
  NZST: [720],
  NZDT: [780],
  BRT: [-180],
  BRST: [-120],
  ART: [-180],
  CLT: [-240],
  CLST: [-180],
  AST: [-240],
  ADT: [-180],
  EST: [-300, 600],
  EDT: [-240, 660],
  ET: [-300, -240],
  CST: [-360, 480],
  CDT: [-300],
  MST: [-420],
  MDT: [-360],
  PST: [-480],
  PDT: [-420],
  AKST: [-540],
  AKDT: [-480],
  HST: [-600],
};

/** A zone: gives its offset in milliseconds east of UTC at a moment (milliseconds since the epoch, UTC). */
export type Zone = (utc: number) => number;

export const UTC: Zone = () => 0;

const zones = new Map<string, Zone | undefined>();

/** By lower-case name, as Intl takes any case: no more than the time zone database has, whatever names a hostile sender thinks up. */
const intlZones = new Map<string, Zone>();

/** The zone of an IANA name or a numeric form; undefined when nobody knows it. Never throws. */
export function zoneOf(name: string): Zone | undefined {
  if (zones.has(name)) return zones.get(name);
  const zone = makeZone(name);
  // Names come from configuration, and from hostile messages (CEF `dtz`): bounded.
  if (zones.size >= KEPT_NAMES) zones.clear();
  zones.set(name, zone);
  return zone;
}

function makeZone(name: string): Zone | undefined {
  const fixed = fixedOffset(name);
  if (fixed !== undefined) return () => fixed;
  const meanings = ABBREVIATIONS[name];
  if (meanings?.[0] !== undefined && Object.hasOwn(ABBREVIATIONS, name)) {
    const offset = meanings[0] * MINUTE;
    return () => offset;
  }
  return name.length <= 64 ? intlZone(name.toLowerCase()) : undefined;
}

function intlZone(name: string): Zone | undefined {
  const zone = intlZones.get(name) ?? makeIntlZone(name);
  if (zone !== undefined) intlZones.set(name, zone);
  return zone;
}

function makeIntlZone(timeZone: string): Zone | undefined {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return undefined;
  }
  const known = new Map<number, number>();
  let lastQuarter = Number.NaN;
  let lastOffset = 0;
  return (utc) => {
    const quarter = Math.floor(utc / QUARTER);
    if (quarter === lastQuarter) return lastOffset;
    let offset = known.get(quarter);
    if (offset === undefined) {
      offset = intlOffset(format, quarter * QUARTER);
      if (known.size >= KEPT_QUARTERS) known.clear();
      known.set(quarter, offset);
    }
    lastQuarter = quarter;
    lastOffset = offset;
    return offset;
  };
}

function intlOffset(format: Intl.DateTimeFormat, utc: number): number {
  if (!Number.isFinite(utc) || Math.abs(utc) > 8.64e15) return 0;
  const part: Record<string, number> = {};
  let before = false;
  for (const { type, value } of format.formatToParts(utc)) {
    if (type === 'era') before = value.startsWith('B');
    else part[type] = Number(value);
  }
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(before ? 1 - year : year, month - 1, day, hour, minute, second) - utc;
}

/** `Z`, `+02:00`, `-0330`, `+2`, `GMT+2`, `UTC-03:00`: milliseconds east of UTC. */
export function fixedOffset(text: string): number | undefined {
  if (text === 'Z' || text === 'z') return 0;
  let at = text.startsWith('GMT') || text.startsWith('UTC') ? 3 : 0;
  const sign = text.charCodeAt(at);
  if (sign !== 43 && sign !== 45) return undefined;
  at += 1;
  const digits: number[] = [];
  for (let i = at; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === 58 && i > at && i < text.length - 1) continue;
    if (code < 48 || code > 57 || digits.length === 4) return undefined;
    digits.push(code - 48);
  }
  const [a = 0, b = 0, c = 0, d = 0] = digits;
  const minutes = minutesOf(digits.length, a, b, c, d);
  if (minutes === undefined) return undefined;
  return (sign === 45 ? -minutes : minutes) * MINUTE;
}

function minutesOf(count: number, a: number, b: number, c: number, d: number): number | undefined {
  const hours = count === 1 || count === 3 ? a : a * 10 + b;
  const minutes = count === 3 ? b * 10 + c : count === 4 ? c * 10 + d : 0;
  return count >= 1 && hours <= 23 && minutes <= 59 ? hours * 60 + minutes : undefined;
}

/** True when the word is a zone abbreviation that {@link abbreviatedOffset} knows. */
export const isAbbreviation = (word: string): boolean => Object.hasOwn(ABBREVIATIONS, word);

/** The offset that an abbreviation means; where it is ambiguous (`CST`, `IST`) the sender's own zone decides if it is one of the meanings. */
export function abbreviatedOffset(word: string, local: number, own: Zone | undefined): number | undefined {
  const meanings = Object.hasOwn(ABBREVIATIONS, word) ? ABBREVIATIONS[word] : undefined;
  if (meanings === undefined) return undefined;
  const [first = 0] = meanings;
  if (meanings.length > 1 && own !== undefined) {
    const offset = own(local - own(local));
    if (meanings.includes(offset / MINUTE)) return offset;
  }
  return first * MINUTE;
}

/**
 * The moment that a wall clock in a zone showed. In the hour that a clock shows twice, the moment nearer to `near` is meant (else the
 * first); an hour that was skipped is read with the offset before it.
 *
 * @param local the wall clock as if it were UTC, in milliseconds since the epoch
 */
export function utcOf(local: number, zone: Zone, near?: number): number {
  if (zone === UTC) return local;
  const before = zone(local - DAY);
  const after = zone(local + DAY);
  const first = local - before;
  if (before === after) return first;
  const second = local - after;
  const firstHolds = zone(first) === before;
  const secondHolds = zone(second) === after;
  if (firstHolds && secondHolds) {
    return near !== undefined && Math.abs(second - near) < Math.abs(first - near) ? second : first;
  }
  return secondHolds && !firstHolds ? second : first;
}
