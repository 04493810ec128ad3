/**
 * Numbered messages for tests that count. Every message carries `no=<kind>-<number>` as its last word. One in some matches a shipped rule
 * (linux_sudo_not_in_sudoers), as a user of its own, so that each of those is an alert of its own.
 */
export interface Numbered {
  /** `relp-17`: unique in a run. */
  readonly id: string;
  readonly line: string;
}

const MARK = /no=([a-z]+[0-9]*-\d+)/;

export function ordinary(kind: string, number: number, padding = 0): Numbered {
  const id = `${kind}-${number}`;
  const filler = padding === 0 ? '' : ` ${'x'.repeat(padding)}`;
  return { id, line: `<14>1 ${new Date().toISOString()} web01.example.com numbered - - -${filler} counted message no=${id}` };
}

/** Matches the rule; its user is {@link userOf} its id. */
export function alarming(kind: string, number: number): Numbered {
  const id = `${kind}-${number}`;
  const command = `user NOT in sudoers ; TTY=pts/0 ; PWD=/tmp ; USER=root ; COMMAND=/usr/bin/id no=${id}`;
  return { id, line: `<85>1 ${new Date().toISOString()} web01.example.com sudo - - -  ${userOf(id)} : ${command}` };
}

/** The number's message: each `every`th is alarming. */
export const numbered = (kind: string, number: number, every: number, padding = 0): Numbered =>
  number % every === 0 ? alarming(kind, number) : ordinary(kind, number, padding);

export const userOf = (id: string): string => `u${id.replace('-', '')}x`;

/** The id in a stored message; undefined for other messages. */
export const idIn = (original: string): string | undefined => MARK.exec(original)?.[1];
