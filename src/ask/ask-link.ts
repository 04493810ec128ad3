import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Ask, Said } from '../model/ask.ts';

/** The secret of a link: 256 bits. Kept is its hash alone. */
export interface NewSecret {
  readonly secret: string;
  readonly hash: string;
}

export function newSecret(): NewSecret {
  const secret = randomBytes(32).toString('base64url');
  return { secret, hash: hashOf(secret) };
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** What a link says: which ask, and the secret that shows that the mail was received. */
export interface Link {
  readonly id: string;
  readonly secret: string;
}

const linkText = ({ id, secret }: Link): string => `${id}.${secret}`;

export function readLink(text: string): Link | undefined {
  const [, id, secret] = /^([0-9a-f]{16})\.([A-Za-z0-9_-]{43})$/.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

/** In the same time, however much of it is right. */
export function opens({ hashes }: Pick<Ask, 'hashes'>, { secret }: Link): boolean {
  const given = Buffer.from(hashOf(secret), 'hex');
  const fits = hashes.map((hash) => timingSafeEqual(Buffer.from(hash, 'hex'), given));
  return fits.includes(true);
}

/** Where the link with that answer leads: to a page that asks once more. Fetching it answers nothing, as scanners of mail fetch links. */
export const answerUrl = (base: string, link: Link, said: Said): string =>
  `${base.replace(/\/+$/, '')}/answer/${linkText(link)}?said=${said}`;
