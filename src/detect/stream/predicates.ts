import type { Leaf, Test, Tree } from '../sigma/tree.ts';
import type { EventView, Slots } from './event-view.ts';
import { compileLeaf, type Predicate } from './leaf-predicate.ts';

/** Whether a rule is true of the event in view. */
export type Ask = (view: EventView) => boolean;

/** The distinct questions of all rules. Rules that ask the same share the answer, which is found once an event. */
export class Predicates {
  readonly #slots: Slots;
  readonly #byKey = new Map<string, Predicate>();
  readonly #byLeaf = new Map<Leaf, Predicate>();
  #generation = 0;

  constructor(slots: Slots) {
    this.#slots = slots;
  }

  /** Another event is in view: no answer is known. */
  forget(): void {
    this.#generation++;
  }

  of(leaf: Leaf): Predicate {
    const known = this.#byLeaf.get(leaf);
    if (known) return known;
    const key = JSON.stringify([leaf.fields ?? null, leaf.test]);
    const predicate = this.#byKey.get(key) ?? this.#made(leaf);
    this.#byKey.set(key, predicate);
    this.#byLeaf.set(leaf, predicate);
    return predicate;
  }

  #made(leaf: Leaf): Predicate {
    const predicate = compileLeaf(leaf, this.#slots);
    return predicate.costly === undefined ? this.#remembering(predicate) : this.#rememberingOpen(predicate);
  }

  /** Who shares a question that was left open shares that. */
  #rememberingOpen({ test, witness, costly = true }: Predicate): Predicate {
    let answeredAt = -1;
    let answer = false;
    let open = false;
    return {
      costly,
      test: (view) => {
        if (answeredAt === this.#generation) {
          if (open) view.leaveOpen();
          return answer;
        }
        const before = view.leftOpen;
        answer = test(view);
        open = view.leftOpen !== before;
        answeredAt = this.#generation;
        return answer;
      },
      witness,
    };
  }

  #remembering({ test, witness }: Predicate): Predicate {
    let answeredAt = -1;
    let answer = false;
    return {
      test: (view) => {
        if (answeredAt === this.#generation) return answer;
        answer = test(view);
        answeredAt = this.#generation;
        return answer;
      },
      witness,
    };
  }
}

/** How much a question costs, roughly: the cheap ones are asked first. */
const COST: Readonly<Record<Test['kind'], number>> = {
  text: 1,
  null: 1,
  exists: 2,
  compare: 2,
  list: 1,
  field: 3,
  time: 4,
  cidr: 4,
  regex: 20,
};

function costOf(tree: Tree): number {
  if (tree.kind === 'leaf') return COST[tree.test.kind] * (tree.fields === undefined ? 10 : 1);
  if (tree.kind === 'not') return costOf(tree.child);
  return tree.children.reduce((sum, child) => sum + costOf(child), 0);
}

/** Makes one function of a tree. Order does not change the answer, as questions change nothing. */
export function compileTree(tree: Tree, predicates: Predicates): Ask {
  if (tree.kind === 'leaf') return predicates.of(tree).test;
  if (tree.kind === 'not') {
    const ask = compileTree(tree.child, predicates);
    return (view) => !ask(view);
  }
  const asks = [...tree.children].sort((a, b) => costOf(a) - costOf(b)).map((child) => compileTree(child, predicates));
  const decisive = tree.kind === 'or';
  return (view) => {
    for (const ask of asks) if (ask(view) === decisive) return decisive;
    return !decisive;
  };
}
