/** Why only the beginning of a message was kept. */
export type CutReason = 'too_long' | 'connection_closed';

/** Messages taken from one chunk of a connection, in order. */
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
