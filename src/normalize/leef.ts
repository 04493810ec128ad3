import type { CefTimeOptions } from '../formats/cef-time.ts';
import type { Leef } from '../formats/leef.ts';
import { leefTime } from '../formats/leef-time.ts';
import type { CompiledMapping } from './compiled-mapping.ts';
import type { Draft } from './draft.ts';
import type { EventWords } from './mapping.ts';
import { setUrl } from './url.ts';

type Put = (draft: Draft, text: string) => boolean;

const to =
  (path: string): Put =>
  (draft, text) =>
    draft.get(path) === undefined && draft.setText(path, text);

const toPeer =
  (side: 'source' | 'destination'): Put =>
  (draft, text) => {
    draft.setPeer(side, text);
    return true;
  };

const LOGIN = { action: 'login', category: ['authentication'], type: ['start'] } as const satisfies EventWords;
const LOGOUT = { action: 'logout', category: ['authentication'], type: ['end'] } as const satisfies EventWords;

/** A product's own mapping may say it more exactly, and does so later. */
const toWords =
  (words: EventWords): Put =>
  (draft, text) => {
    if (text.toLowerCase() === 'true') draft.classify(words);
    return false;
  };

/**
 * Where LEEF's predefined attributes (IBM, "LEEF predefined attributes") go. Those that ECS has no place for, and all others, are
 * `leef.<attribute>` as they are written.
 */
const ATTRIBUTES: ReadonlyMap<string, Put> = new Map<string, Put>([
  ['src', toPeer('source')],
  ['dst', toPeer('destination')],
  ['srcPort', to('source.port')],
  ['dstPort', to('destination.port')],
  ['srcMAC', to('source.mac')],
  ['dstMAC', to('destination.mac')],
  ['srcPostNAT', to('source.nat.ip')],
  ['dstPostNAT', to('destination.nat.ip')],
  ['srcPostNATPort', to('source.nat.port')],
  ['dstPostNATPort', to('destination.nat.port')],
  ['srcBytes', to('source.bytes')],
  ['dstBytes', to('destination.bytes')],
  ['srcPackets', to('source.packets')],
  ['dstPackets', to('destination.packets')],
  ['totalPackets', to('network.packets')],
  ['proto', (draft, text) => draft.setText('network.transport', text.toLowerCase())],
  ['usrName', to('user.name')],
  ['accountName', to('user.name')],
  ['domain', to('user.domain')],
  ['groupID', to('group.id')],
  ['role', to('user.roles')],
  ['policy', to('rule.name')],
  ['sev', to('event.severity')],
  [
    'url',
    (draft, text) => {
      setUrl(draft, text);
      return true;
    },
  ],
  ['msg', to('message')],
  ['isLoginEvent', toWords(LOGIN)],
  ['isLogoutEvent', toWords(LOGOUT)],
]);

/** Normalizes a LEEF message by the predefined attributes, and by the product's own mapping before them. */
export function normalizeLeef(leef: Leef, draft: Draft, mapping: CompiledMapping | undefined, times: CefTimeOptions): void {
  draft.set('observer.vendor', leef.vendor);
  draft.set('observer.product', leef.product);
  if (leef.productVersion !== '') draft.set('observer.version', leef.productVersion);
  draft.set('event.code', leef.eventId);
  draft.set('leef.version', leef.version);
  const { attributes } = leef;
  for (const key in attributes) {
    const text = attributes[key];
    if (text === undefined) continue;
    const own = mapping?.fields.get(key);
    if (own !== undefined && draft.setText(own, text)) continue;
    if (ATTRIBUTES.get(key)?.(draft, text) === true) continue;
    draft.set(`leef.${key}`, text);
  }
  readTime(attributes, draft, times);
  const words = mapping?.events.get(leef.eventId);
  if (words !== undefined) draft.classify(words);
}

function readTime(attributes: Leef['attributes'], draft: Draft, times: CefTimeOptions): void {
  const written = attributes.devTime;
  if (written === undefined) return;
  draft.time = leefTime(attributes, times);
  if (draft.time === undefined) draft.unreadTime = written;
}
