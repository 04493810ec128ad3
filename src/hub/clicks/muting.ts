import { mutedRouter } from '../../alert/muted-router.ts';
import type { Router } from '../../alert/routing.ts';
import { Repeating } from '../../lib/repeating.ts';
import { phraseOf } from '../../listen/phrase.ts';
import type { Answer, Span } from '../../model/answer.ts';
import type { AuditEvent } from '../../model/audit.ts';
import type { Mute, NewMute } from '../../model/mute.ts';
import { queueWhispers } from '../../notify/whisper-rows.ts';
import type { State, StateTransaction } from '../../store/state/state.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Ear } from '../listening/ears.ts';

export interface MutingDeps {
  readonly state: State;
  /** Something waits in the outbox. */
  onQueued(): void;
  audit(event: AuditEvent): void;
  readonly telemetry: Telemetry;
  readonly now: () => number;
}

/** What is written in the same transaction. */
type Alongside = (tx: StateTransaction) => Promise<void>;

/** Who ends it: nobody, when its time is over. */
interface Ending {
  readonly by?: string;
  readonly alongside?: Alongside | undefined;
}

const EVERY_MS = 2_000;

/** What is not told in some place for a while, as the state database has it. In each place is said what is muted there, and when that is over. */
export class Muting {
  readonly #deps: MutingDeps;
  readonly #rounds: Repeating;
  #mutes: readonly Mute[] = [];
  #version = -1;

  constructor(deps: MutingDeps) {
    this.#deps = deps;
    const onError = (error: unknown) => deps.telemetry.log('error', 'mutes could not be read; it is tried again', { error: String(error) });
    this.#rounds = new Repeating(EVERY_MS, () => this.#round(), onError);
  }

  async load(): Promise<void> {
    const { mutes } = this.#deps.state;
    const version = await mutes.version();
    if (version === this.#version) return;
    this.#mutes = await mutes.all();
    this.#version = version;
  }

  start(): void {
    void this.#rounds.start();
  }

  /** Resolves when what is under way is over. */
  async stop(): Promise<void> {
    await this.#rounds.stop();
  }

  /** Those whose time is not over. */
  get mutes(): readonly Mute[] {
    const now = this.#deps.now();
    return this.#mutes.filter(({ until }) => until > now);
  }

  /** What of all routes is not muted now. */
  over(router: Router): Router {
    return this.#mutes.length === 0 ? router : mutedRouter(router, this.#mutes, this.#deps.now());
  }

  /** Whether an ear is not to hear of these words, or of alerts of this rule. */
  hushes(ear: Ear, heard: { readonly phrase: string } | { readonly rule: string }): boolean {
    return this.mutes.some((mute) => {
      if (mute.notifier !== ear.notifier || !(ear.place === mute.place || (ear.place === null && mute.isAlertPlace))) return false;
      if (mute.kind === 'rule') return 'rule' in heard && heard.rule === mute.what;
      const read = phraseOf(mute.what);
      return 'phrase' in heard && 'phrase' in read && read.phrase === heard.phrase;
    });
  }

  /** Mutes something; undefined when there are too many. Counts when it resolves, for all that is told from then on. */
  async mute(wanted: NewMute, alongside?: Alongside): Promise<Mute | undefined> {
    const { state } = this.#deps;
    const mute = await state.transaction(async (tx) => {
      await alongside?.(tx);
      const set = await state.mutes.set(tx, wanted);
      if (set !== undefined) await this.#say(tx, set, 'begins', saidBegin(set));
      return set;
    });
    if (mute !== undefined) this.#deps.audit(muteAudit('add', mute, mute.author));
    await this.#changed();
    return mute;
  }

  /** Ends it before its time; false when it is over already. */
  async unmute(mute: Mute, by: string, alongside?: Alongside): Promise<boolean> {
    return await this.#end(mute, { by, alongside }, [`🔔 ${by} ended the mute of `, ...named(mute), '.']);
  }

  async #end(mute: Mute, { by, alongside }: Ending, said: readonly Span[]): Promise<boolean> {
    const { state } = this.#deps;
    const ended = await state.transaction(async (tx) => {
      await alongside?.(tx);
      const isEnded = await state.mutes.end(tx, mute.id);
      if (isEnded) await this.#say(tx, mute, 'ends', [said]);
      return isEnded;
    });
    if (ended) this.#deps.audit(muteAudit('end', mute, by));
    await this.#changed();
    return ended;
  }

  async #say(tx: StateTransaction, { id, notifier, place }: Mute, step: string, answer: Answer): Promise<void> {
    await queueWhispers(tx, [{ key: `mute.${id}.${step}`, notifier, place, listener: `mute/${id}`, answer }], this.#deps.now());
  }

  async #changed(): Promise<void> {
    await this.load();
    this.#deps.onQueued();
  }

  /** Of several hubs on one database, the one that ends a mute says so. */
  async #round(): Promise<void> {
    await this.load();
    const now = this.#deps.now();
    for (const mute of this.#mutes.filter(({ until }) => until <= now))
      await this.#end(mute, {}, ['🔔 The mute of ', ...named(mute), ' is over: what goes on is told here again.']);
  }
}

const named = ({ kind, title }: Mute): Span[] => [kind === 'rule' ? 'the rule ' : '', { bold: title }];

function saidBegin(mute: Mute): Answer {
  const { author, until, reason, isAlertPlace } = mute;
  return [
    [
      `🔕 ${author} has muted `,
      ...named(mute),
      isAlertPlace ? ' in this channel until ' : ' for you until ',
      { at: until },
      reason === '' ? '.' : `: ${reason}`,
    ],
    ...(isAlertPlace ? [['Alerts of it open all the same, and are on the page.']] : []),
  ];
}

function muteAudit(change: 'add' | 'end', { notifier, place, kind, what, title, reason, until }: Mute, by: string | undefined): AuditEvent {
  const said = { add: 'muted', end: by === undefined ? 'is over: the mute of' : 'ended the mute of' };
  return {
    action: `mute_${change}`,
    category: ['configuration'],
    type: [change === 'add' ? 'creation' : 'deletion'],
    outcome: 'success',
    ...(by !== undefined && { actor: by, actorKind: 'user' as const }),
    message: `${by ?? 'Earshot'} ${said[change]} the ${kind} ${title} in ${notifier} ${place}${reason === '' ? '' : `: ${reason}`}`,
    about: { notifier, place, kind, what, reason, until: new Date(until).toISOString() },
  };
}
