import { type ListProbe, type ListProbes, listedName } from '../../model/enrichment.ts';
import { fold } from '../sigma/fold.ts';
import { leaves, type Tree } from '../sigma/tree.ts';
import { Slots, textsOf } from './event-view.ts';

/** What rules ask of lists, each question once: fields are read as rules read them. */
export function listProbesOf(rules: readonly { readonly tree: Tree }[]): ListProbes {
  const slots = new Slots();
  const asked = new Map<string, ListProbe>();
  for (const { tree } of rules)
    for (const { test, fields } of leaves(tree)) if (test.kind === 'list') for (const path of fields ?? []) ask(test.list, path);
  return { asked: [...asked.values()], fold };

  function ask(list: string, path: string): void {
    const name = listedName(list, path);
    if (asked.has(name)) return;
    const read = slots.reader(slots.slot([path]));
    asked.set(name, {
      list,
      name,
      texts: (fields) => {
        const texts = textsOf(read({ fields, text: '', timestamp: 0, source: '' }));
        return texts === undefined ? [] : typeof texts === 'string' ? [fold(texts)] : texts.map(fold);
      },
    });
  }
}
