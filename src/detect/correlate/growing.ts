import type { Finding } from '../../model/found.ts';

/** An alert that only goes on is brought up to date so often: what is said of its events costs more than to find that it goes on. */
const GROW_MS = 5_000;
/** Beyond that they are forgotten, and told a little sooner. */
const MOST = 10_000;

/** Holds back what only makes an alert longer, for a few seconds. What is held is in no cursor: after a restart it is found again. */
export class Growing {
  readonly #told = new Map<string, { readonly at: number; readonly last: number }>();
  readonly #held = new Map<string, Finding>();

  get holds(): boolean {
    return this.#held.size > 0;
  }

  /** What is to be committed now: what is new, and what was held for long enough. `now`: milliseconds. */
  ripe(findings: readonly Finding[], now: number): readonly Finding[] {
    const ripe: Finding[] = [];
    for (const finding of findings) {
      const key = keyOf(finding);
      const held = this.#held.get(key);
      const told = this.#told.get(key);
      if (held !== undefined && !isNear(held, finding)) ripe.push(held);
      const whole = held !== undefined && isNear(held, finding) ? merged(held, finding) : finding;
      this.#held.delete(key);
      if (told !== undefined && now - told.at < GROW_MS && goesOn(whole, told.last)) this.#held.set(key, whole);
      else ripe.push(whole);
    }
    for (const [key, finding] of this.#held) {
      if (now - (this.#told.get(key)?.at ?? 0) < GROW_MS) continue;
      this.#held.delete(key);
      ripe.push(finding);
    }
    return ripe;
  }

  committed(findings: readonly Finding[], now: number): void {
    if (this.#told.size > MOST) this.#told.clear();
    for (const finding of findings) this.#told.set(keyOf(finding), { at: now, last: finding.lastTrigger });
  }

  forget(): void {
    this.#told.clear();
    this.#held.clear();
  }
}

const keyOf = ({ identity, groupKey }: Finding): string => `${identity} ${groupKey}`;

/** It makes an alert longer that was there. What reaches back before it may join two, and is told at once. */
const goesOn = ({ firstTrigger, lastTrigger, gapMs }: Finding, last: number): boolean =>
  firstTrigger >= last - gapMs && firstTrigger <= last + gapMs && lastTrigger >= last;

const isNear = (a: Finding, b: Finding): boolean => a.firstTrigger <= b.lastTrigger + a.gapMs && b.firstTrigger <= a.lastTrigger + a.gapMs;

const merged = (a: Finding, b: Finding): Finding => ({
  ...a,
  firstTrigger: Math.min(a.firstTrigger, b.firstTrigger),
  lastTrigger: Math.max(a.lastTrigger, b.lastTrigger),
  late: a.late && b.late,
  value: a.value === undefined || b.value === undefined ? undefined : Math.max(a.value, b.value),
});
