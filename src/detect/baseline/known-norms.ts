import type { Norm } from './norm.ts';

/** A stretch of an entity. */
interface Place {
  readonly identity: string;
  readonly groupKey: string;
  readonly start: number;
}

/** Norms of so many entities are kept, each of one stretch: the one that was asked for last. */
const KEPT = 50_000;

/** Norms that were worked out: they hold until the stretch is over, as what is past does not change but by events that come late. */
export class KnownNorms {
  readonly #norms = new Map<string, { readonly start: number; readonly norm: Norm | undefined }>();

  has(place: Place): boolean {
    return this.#norms.get(keyOf(place))?.start === place.start;
  }

  /** Undefined: not known, or there is too little history for one. */
  get(place: Place): Norm | undefined {
    const known = this.#norms.get(keyOf(place));
    return known?.start === place.start ? known.norm : undefined;
  }

  keep(place: Place, norm: Norm | undefined): void {
    if (this.#norms.size >= KEPT) this.#norms.clear();
    this.#norms.set(keyOf(place), { start: place.start, norm });
  }

  forget(entity: Omit<Place, 'start'>): void {
    this.#norms.delete(keyOf(entity));
  }
}

const keyOf = ({ identity, groupKey }: Omit<Place, 'start'>): string => `${identity} ${groupKey}`;
