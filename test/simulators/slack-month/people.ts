import { Chance } from '../acme/chance.ts';

/** Somebody of the organization, as far as Slack sees them. */
export interface Member {
  readonly n: number;
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: 'regular' | 'admin' | 'owner';
  /** Comes by way of the VPN on most days. */
  readonly vpn: boolean;
  /** Works with files all day: design, video, legal. */
  readonly heavy: boolean;
  readonly home: string;
  readonly computer: string;
  readonly phone: string;
  /** Files on an ordinary day. */
  readonly files: number;
  /** First day of a journey, counted from the beginning, and its length; absent for who stays. */
  readonly journey?: { readonly from: number; readonly days: number } | undefined;
  /** Day of a new telephone. */
  readonly newPhone?: number | undefined;
}

export const OFFICE = ['192.0.2.10', '192.0.2.11'] as const;
/** Ways out of the VPN, which people rent in a cloud. */
export const VPN = ['198.51.100.1', '198.51.100.2', '198.51.100.3', '198.51.100.4'] as const;
export const KNOWN_BAD = '203.0.113.200';
/** Where an archive of files runs, which uses the account of a person. */
export const ARCHIVE = { address: '192.0.2.40', program: 'acme-archive/1.4' } as const;

/** What the team has on its lists. */
export const LISTS = {
  trusted_ranges: { kind: 'cidr', values: ['192.0.2.0/24'] },
  vpn_ranges: { kind: 'cidr', values: ['198.51.100.0/28'] },
  known_bad_addresses: { kind: 'cidr', values: [KNOWN_BAD] },
  slack_expected_programs: { kind: 'user_agent', values: ['acme-archive/*'] },
} as const;

const COMPUTERS = [
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Slack/4.46.99 Chrome/138.0.7204.97 Electron/37.2.0 Safari/537.36',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Slack/4.46.99 Chrome/138.0.7204.97 Electron/37.2.0 Safari/537.36',
  'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
] as const;
const PHONES = [
  'com.tinyspeck.chatlyio/25.11.10 (iPhone; iOS 19.1; Scale/3.00)',
  'com.tinyspeck.chatlyio/25.11.10 (Linux; Android 16; Pixel 9)',
] as const;

/** The members of the organization on `days` days. */
export function members(count: number, days: number, seed: number): readonly Member[] {
  return Array.from({ length: count }, (_, n) => member(n, days, new Chance(seed, 'member', n)));
}

function member(n: number, days: number, chance: Chance): Member {
  const heavy = chance.once(0.06);
  return {
    n,
    id: `W0${String(n).padStart(6, '0')}`,
    name: `person${n}`,
    email: `person${n}@example.com`,
    // One in forty administers, whatever the size.
    role: n === 0 ? 'owner' : n % 40 === 1 ? 'admin' : 'regular',
    vpn: chance.once(0.15),
    heavy,
    home: `2001:db8:1:${n.toString(16)}::1`,
    computer: chance.pick(COMPUTERS),
    phone: chance.pick(PHONES),
    files: heavy ? chance.between(15, 30) : chance.between(1, 8),
    journey: chance.once(0.06) ? { from: chance.whole(0, days - 1), days: chance.whole(2, 6) } : undefined,
    newPhone: chance.once(0.08) ? chance.whole(0, days - 1) : undefined,
  };
}
