import type { Origin } from '../model/record.ts';

/** Why only the beginning of a message was kept. */
export type CutReason = 'too_long' | 'unfinished';

/** Messages taken from one chunk of a connection or a file, in order. */
export interface Framed {
  readonly messages: Buffer[];
  /** Which of them are only the beginning of what was sent; usually none. */
  readonly cuts: { readonly index: number; readonly reason: CutReason }[];
}

export const nothingFramed = (): Framed => ({ messages: [], cuts: [] });

export function addMessage(framed: Framed, message: Buffer, cut?: CutReason): void {
  if (cut !== undefined) framed.cuts.push({ index: framed.messages.length, reason: cut });
  framed.messages.push(message);
}

/** Neighbors that share an origin: a batch has one, and messages of which only the beginning was kept have their own. */
export function runsOf(origins: Origins, framed: Framed): readonly { readonly origin: Origin; readonly messages: readonly Buffer[] }[] {
  if (framed.cuts.length === 0) return [{ origin: origins.whole, messages: framed.messages }];
  const cut = new Set(framed.cuts.map((c) => c.index));
  const runs: { origin: Origin; messages: Buffer[] }[] = [];
  framed.messages.forEach((message, i) => {
    const origin = cut.has(i) ? origins.truncated : origins.whole;
    const last = runs.at(-1);
    if (last?.origin === origin) last.messages.push(message);
    else runs.push({ origin, messages: [message] });
  });
  return runs;
}

/** Where messages come from: the origin, and its twin for messages of which only the beginning was kept. */
export interface Origins {
  readonly whole: Origin;
  readonly truncated: Origin;
}

export const originsOf = (whole: Origin): Origins => ({ whole, truncated: { ...whole, truncated: true } });

export function sizeOf(messages: readonly Buffer[]): number {
  let bytes = 0;
  for (const message of messages) bytes += message.length;
  return bytes;
}
