import { minutesOf } from '../../lib/time-of-day.ts';
import { phraseOf } from '../../listen/phrase.ts';
import type { QuietHours } from '../../listen/quiet-hours.ts';
import type { ListenerSettings } from '../../listen/settings.ts';
import type { Listener } from '../../store/state/listening.ts';

/** A place where somebody is told of all that they listen for there. */
export interface Ear {
  readonly id: string;
  /** Whose it is; absent for one of the configuration. */
  readonly owner?: { readonly id: string; readonly name: string; readonly person: string };
  readonly notifier: string;
  /** Null: where the notifier tells alerts. */
  readonly place: string | null;
  /** Of one in the configuration: what may be told there. */
  readonly datasets?: readonly string[];
  /** As somebody wrote it, by the phrase in its one form. */
  readonly words: ReadonlyMap<string, string>;
  readonly quiet?: QuietHours | undefined;
  readonly perHour: number;
}

/** Everybody who listens. */
export class Ears {
  readonly #byPhrase = new Map<string, Ear[]>();
  readonly #byId = new Map<string, Ear>();

  constructor(configured: readonly ListenerSettings[], listeners: readonly Listener[]) {
    const owned = [...Map.groupBy(listeners, earId).values()].flatMap((all) => ownedEar(all) ?? []);
    for (const ear of [...configured.map(configuredEar), ...owned]) {
      this.#byId.set(ear.id, ear);
      for (const phrase of ear.words.keys()) {
        const ears = this.#byPhrase.get(phrase);
        if (ears === undefined) this.#byPhrase.set(phrase, [ear]);
        else ears.push(ear);
      }
    }
  }

  /** Each once. */
  get phrases(): string[] {
    return [...this.#byPhrase.keys()];
  }

  byId(id: string): Ear | undefined {
    return this.#byId.get(id);
  }

  /** Each once that listens for one of them. */
  hearing(phrases: readonly string[]): ReadonlySet<Ear> {
    return new Set(phrases.flatMap((phrase) => this.#byPhrase.get(phrase) ?? []));
  }
}

/** Of all that a person listens for in one place. */
export const earId = ({ owner, notifier, place }: Pick<Listener, 'owner' | 'notifier' | 'place'>): string =>
  `${owner}/${notifier}/${place}`;

function configuredEar(settings: ListenerSettings): Ear {
  const { name, words, to, channel = null, datasets, per_hour: perHour, quiet_hours: quiet } = settings;
  return {
    id: `configuration/${name}`,
    notifier: to,
    place: channel,
    datasets,
    words: new Map(words.flatMap((text) => namedPhrase(text))),
    perHour,
    quiet: quiet && { from: minutesOf(quiet.from) ?? 0, to: minutesOf(quiet.to) ?? 0, timeZone: quiet.time_zone },
  };
}

function namedPhrase(text: string): (readonly [string, string])[] {
  const read = phraseOf(text);
  return 'phrase' in read ? [[read.phrase, text]] : [];
}

function ownedEar(all: readonly Listener[]): Ear | undefined {
  const [first] = all;
  if (first === undefined) return undefined;
  const { owner: id, ownerName: name, person, notifier, place, perHour, quiet } = first;
  return {
    id: earId(first),
    owner: { id, name, person },
    notifier,
    place,
    words: new Map(all.map(({ phrase, typed }) => [phrase, typed])),
    perHour,
    quiet,
  };
}
