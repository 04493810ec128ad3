import type { Leaf, Test, Tree } from './tree.ts';

/** What is known of the fields of Earshot's events. */
export interface FieldCatalogue {
  /** Whether an event may have the field: a decoder, a mapping, an enricher or a sender's own ECS writes it, or what is below it. */
  has(path: string): boolean;
  /** What would have it written, where a setting does, as the end of a sentence. */
  mendOf(path: string): string | undefined;
}

/**
 * The field that a rule needs and that nothing writes, as its paths; undefined: the rule may fire. A part under `not` may always be true,
 * and one of several alternatives is enough.
 */
export function missingField(tree: Tree, has: (path: string) => boolean): readonly string[] | undefined {
  switch (tree.kind) {
    case 'not':
      return undefined;
    case 'and':
      return firstOf(tree.children.map((child) => missingField(child, has)));
    case 'or': {
      const missing = tree.children.map((child) => missingField(child, has));
      return missing.every((each) => each !== undefined) ? firstOf(missing) : undefined;
    }
    case 'leaf':
      return missingIn(tree, has);
  }
}

const firstOf = (all: readonly (readonly string[] | undefined)[]): readonly string[] | undefined => all.find((each) => each !== undefined);

function missingIn({ fields, test }: Leaf, has: (path: string) => boolean): readonly string[] | undefined {
  if (fields === undefined || holdsWithout(test)) return undefined;
  if (!fields.some(has)) return fields;
  return test.kind === 'field' && !test.other.some(has) ? test.other : undefined;
}

/** True of an event that does not have the field. */
const holdsWithout = (test: Test): boolean => test.kind === 'null' || (test.kind === 'exists' && !test.exists);
