import type { Steps } from '../../lib/steps.ts';
import type { Rule } from '../sigma/rule.ts';
import { leaves } from '../sigma/tree.ts';
import type { Slots } from './event-view.ts';
import { type Rarity, type Sign, witnessOf } from './witness.ts';

/** Fields whose few values say what kind of event it is: nearly every event has one that a rule asks for. */
const BROAD: ReadonlySet<string> = new Set([
  'event.kind',
  'event.module',
  'event.dataset',
  'event.category',
  'event.type',
  'event.action',
  'event.outcome',
  'observer.vendor',
  'observer.product',
  'process.name',
  'linux.auditd.type',
]);

const keyOf = (sign: Sign): string => JSON.stringify(sign);

/** Estimates how often signs are seen: values that many rules ask for are common ones, and long texts are rare ones. */
export function* rarityOf(rules: readonly Rule[], slots: Slots): Steps<Rarity> {
  const shared = new Map<string, number>();
  for (const rule of rules) {
    const own = new Set(leaves(rule.tree).flatMap((leaf) => (witnessOf(leaf, slots, () => 0) ?? []).map(keyOf)));
    for (const key of own) shared.set(key, (shared.get(key) ?? 0) + 1);
    yield;
  }
  return (sign) => {
    if (sign.kind === 'there') return 100;
    const asked = shared.get(keyOf(sign)) ?? 1;
    if (sign.kind === 'anywhere') return 10 + 20 / sign.text.length + asked;
    if (sign.kind === 'holds') return 2 + 10 / sign.text.length + asked / 2;
    const broad = slots.paths(sign.slot).some((path) => BROAD.has(path)) ? 50 : 0;
    return 1 + asked + broad;
  };
}
