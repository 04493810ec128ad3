import type { ListKind } from '../../../src/model/named-list.ts';

/** What to call the kinds, and what one writes in a list of each. */
export const KINDS: Readonly<Record<ListKind, { readonly name: string; readonly example: string }>> = {
  cidr: { name: 'Networks', example: '192.0.2.0/24 or 2001:db8::/32, or a single address' },
  asn: { name: 'Autonomous systems', example: 'AS64496' },
  user_agent: { name: 'Programs', example: 'curl/* with * and ?, compared with the whole user agent' },
  account: { name: 'Accounts', example: 'root' },
  text: { name: 'Texts', example: 'db01.example.com, compared with the whole value' },
};

export const listQuery = (name: string): string => `earshot.lists:"${name}"`;
