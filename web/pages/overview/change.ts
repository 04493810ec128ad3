/** How a number stands against the one of the period before, in words: colour and arrows only repeat it. */
export interface Change {
  readonly direction: 'up' | 'down' | 'same';
  /** `12 % more`, `as many`, `none before`. */
  readonly words: string;
}

export interface ChangeWords {
  readonly up: string;
  readonly down: string;
  readonly same: string;
}

export const COUNT_WORDS: ChangeWords = { up: 'more', down: 'fewer', same: 'as many as before' };
export const RISK_WORDS: ChangeWords = { up: 'riskier', down: 'calmer', same: 'as before' };
export const PACE_WORDS: ChangeWords = { up: 'slower', down: 'faster', same: 'as before' };

/** Less than this is no change that anybody could act on. */
const SAME = 0.005;

export function changeOf(now: number, before: number, words: ChangeWords): Change {
  if (now === before) return { direction: 'same', words: words.same };
  if (before === 0) return { direction: 'up', words: `${words.up}: none before` };
  const part = now / before - 1;
  if (Math.abs(part) < SAME) return { direction: 'same', words: words.same };
  const direction = part > 0 ? 'up' : 'down';
  // Beyond three times as much, percents say less than factors.
  const amount = part > 2 ? `${oneDigit(now / before)} times` : `${percent(Math.abs(part))} %`;
  return { direction, words: `${amount} ${part > 2 && words.up === 'more' ? 'as many' : words[direction]}` };
}

const percent = (part: number): number => (part < 0.1 ? Math.round(part * 1000) / 10 : Math.round(part * 100));
const oneDigit = (factor: number): number => (factor < 10 ? Math.round(factor * 10) / 10 : Math.round(factor));
