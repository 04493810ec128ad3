import { parseCefExtension } from '../../formats/cef-extension.ts';
import type { EventDraft, Mapping } from '../../normalize/mapping.ts';
import { kindOfCef, kindOfPairs } from './find-kind.ts';
import { EVENTS, readMeaning, WRITES } from './meaning.ts';

const PRODUCTS = ['Segura', 'senhasegura'] as const;

/** Words, then `key=value` pairs with CEF's keys, whose values may hold blanks: the product's short form. */
function readShortForm(text: string) {
  const { pairs, unkeyed } = parseCefExtension(text, 0, text.length);
  return { pairs, words: unkeyed };
}

function readText(text: string, event: EventDraft): boolean {
  const { pairs, words } = readShortForm(text);
  event.set('observer.vendor', 'MT4');
  event.set('observer.product', 'Segura');
  for (const key in pairs) event.setText(`segura.pairs.${key}`, pairs[key] ?? '');
  readMeaning(kindOfPairs(words, pairs), words === '' ? (pairs.msg ?? '') : words, pairs, event);
  return true;
}

/** The vault of MT4, as it writes CEF and its short RFC 5424 form; README.md beside this file says what each event becomes. */
export const segura: Mapping = {
  product: 'segura',
  dataset: 'segura.pam',
  appliesTo: { programs: PRODUCTS, cef: PRODUCTS.map((product) => ({ vendor: 'MT4', product })) },
  datasets: {
    names: ['segura.system'],
    ofCef: (cef) => kindOfCef(cef)?.kind.dataset,
    ofText(message) {
      const { pairs, words } = readShortForm(message);
      return kindOfPairs(words, pairs)?.kind.dataset;
    },
  },
  reliedOn: ['access_requested', 'request_approved', 'request_denied'],
  // A user's id in some kinds, and a number of another sort in the others: the format's table would call it a user.
  fields: { suid: 'segura.suid' },
  cef: {
    writes: WRITES,
    events: EVENTS,
    read: (cef, event) => readMeaning(kindOfCef(cef), cef.extension.msg ?? '', cef.extension, event),
  },
  reader: { writes: [...WRITES, 'observer.vendor', 'observer.product'], events: EVENTS, read: readText },
};
