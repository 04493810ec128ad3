import type { Cef } from '../../formats/cef.ts';
import type { EventDraft, Mapping } from '../../normalize/mapping.ts';
import { EVENTS, saysFailure, wordsOf } from './words.ts';

/** The products, by what their names have in them. */
const COMPONENTS: readonly (readonly [RegExp, string])[] = [
  [/\bpxm\b|privileged access/i, 'pxm'],
  [/\bppa\b|process automation/i, 'ppa'],
  [/\bpem\b|endpoint/i, 'pem'],
];

function read({ product, name, extension }: Cef, event: EventDraft): void {
  const component = COMPONENTS.find(([form]) => form.test(product))?.[1];
  if (component !== undefined) event.set('osirium.component', component);
  const words = wordsOf(name);
  if (words === undefined) return;
  if (extension.act !== undefined) event.setText('osirium.act', extension.act);
  const failed = event.get('event.outcome') === undefined && saysFailure(name);
  event.classify(failed ? { ...words, outcome: 'failure' } : words);
}

/** PxM, PPA and PEM of Osirium, as they write CEF; README.md beside this file says what is read. */
export const osirium: Mapping = {
  product: 'osirium',
  dataset: 'osirium.pam',
  appliesTo: { cef: [{ vendor: 'Osirium' }] },
  cef: { writes: ['osirium.component', 'osirium.act'], events: EVENTS, read },
};
