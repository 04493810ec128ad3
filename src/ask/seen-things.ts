import { isIP } from 'node:net';
import { cutText } from '../lib/cut-text.ts';
import { visibleText } from '../lib/visible-text.ts';
import type { Evidence } from '../model/alert.ts';
import type { SeenThing } from '../model/ask.ts';

/** Different things that somebody is asked about: nobody reads more. */
const MOST = 5;

/**
 * What somebody is shown of the events that bear their name: enough to remember, and nothing that helps whoever reads their mail. So no raw
 * message, which may hold a secret, nothing of the rule that found it, and of each value only what such a value looks like.
 */
export function seenThings(evidence: readonly Evidence[], isTheirs: (user: string) => boolean): SeenThing[] {
  const things = new Map<string, SeenThing>();
  for (const event of evidence) {
    if (event.user === undefined || !isTheirs(event.user)) continue;
    const { timestamp: at } = event;
    const thing = { what: whatOf(event), system: wordsOf(event.product), device: deviceOf(event.host), address: addressOf(event.sourceIp) };
    const key = JSON.stringify(thing);
    const before = things.get(key) ?? { firstAt: at, lastAt: at };
    things.set(key, { ...thing, firstAt: Math.min(before.firstAt, at), lastAt: Math.max(before.lastAt, at) });
  }
  return [...things.values()].sort((a, b) => a.firstAt - b.firstAt).slice(0, MOST);
}

function whatOf({ action, outcome }: Evidence): string {
  const words = wordsOf(action) ?? 'something was done';
  return outcome === 'failure' ? `${words} (it did not succeed)` : words;
}

/** Letters, digits and what stands between words: what an event says otherwise is nothing that a layperson should see. */
function wordsOf(text: string | undefined): string | undefined {
  const words = visibleText((text ?? '').replace(/[_-]/g, ' ')).replace(/[^\p{L}\p{N} ]/gu, '');
  return words.trim() === '' ? undefined : cutText(words.trim(), 60);
}

/** Without its domain, which mail programs would make a link of. */
function deviceOf(host: string | undefined): string | undefined {
  const [name = ''] = (host ?? '').split('.');
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/.test(name) && isIP(host ?? '') === 0 ? name : undefined;
}

const addressOf = (address: string | undefined): string | undefined => (address !== undefined && isIP(address) !== 0 ? address : undefined);
