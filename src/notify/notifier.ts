import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import type { PacedFetch } from '../lib/paced-fetch.ts';
import type { ToldAlert } from '../model/alert.ts';
import type { AlertContext } from '../model/alert-context.ts';
import type { Answer } from '../model/answer.ts';
import type { Click, HomeOpened, OfferedPlan, TypedCommand } from '../model/click.ts';
import type { Letter } from '../model/letter.ts';

/** What a target is told. The same key is the same message, however often it is tried. */
export interface Notification {
  readonly key: string;
  readonly kind: 'opened' | 'grew' | 'context' | 'said';
  readonly alerts: readonly ToldAlert[];
  /** Alerts of a burst that are not in `alerts`; their exact number is told. */
  readonly more: number;
  /** The attempt before this one ended without an answer: this may be a repeat, and says so. */
  readonly possibleRepeat: boolean;
  /** When the first of those attempts began, milliseconds since the epoch. */
  readonly triedAt?: number | undefined;
  /** The ref of the message that told of these alerts first: this belongs to it. Only for notifiers that can `edit`. */
  readonly thread?: string | undefined;
  /** Who is new in the alerts since they were told, and which of them have slept until now. */
  readonly joined: readonly Joined[];
  /** Of the kind `said`, the ask of the one alert that was answered: see {@link ToldAlert.asks}. */
  readonly said?: string | undefined;
  /** Of the kind `context`, what is told of the one alert. */
  readonly context?: AlertContext | undefined;
}

/** Something for one place of a target alone: a person, or a channel. The same key is the same message. */
export interface Whisper {
  readonly key: string;
  /** The target's own name of it; null: where the notifier tells alerts. */
  readonly place: string | null;
  readonly answer: Answer;
  readonly picture?: Picture | undefined;
  /** As in a {@link Notification}. */
  readonly possibleRepeat: boolean;
  readonly triedAt?: number | undefined;
}

/** What is shown below an answer. */
export interface Picture {
  readonly png: Uint8Array;
  /** Of its file. */
  readonly name: string;
  /** The same in words. */
  readonly alt: string;
  /** The same of signs, for where no picture can be shown. */
  readonly text: Answer;
}

/** What is new of an alert: people and hosts that it did not name before, and why it does not sleep any more, where it slept. */
export interface Joined {
  readonly alertId: string;
  readonly users: readonly string[];
  readonly hosts: readonly string[];
  readonly woke?: string | undefined;
}

/**
 * `retry` comes back later; `reject` goes to the dead letters. Nothing is dropped silently. `ambiguous`: it may have been told all the same.
 * `target`: the target refuses everything (revoked, archived), so that taking the message apart would not help. `gone`: what it belongs to,
 * or was to change, has been removed there. `missed`: whom of several it did not reach, and why.
 */
export type Delivery =
  | { readonly verdict: 'delivered'; readonly ref: string; readonly missed?: string | undefined }
  | { readonly verdict: 'retry'; readonly why: string; readonly afterMs?: number; readonly ambiguous?: boolean }
  | { readonly verdict: 'reject'; readonly why: string; readonly target?: boolean; readonly gone?: boolean };

export interface NotifierContext<Config> {
  readonly config: Config;
  readonly fetch: PacedFetch;
  readonly signal: AbortSignal;
  /** Where people reach the page: `api.public_url`. */
  readonly pageUrl?: string | undefined;
}

/** What a target tells when somebody clicks or types, as it came: posted to us, or over a line that we hold. */
export type ClickRequest = { readonly now: number } & (PostedRequest | LineHeard);

export interface PostedRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface LineHeard {
  /** The line's id: who holds that line knows that it is the target's. */
  readonly line: string;
  readonly what: 'click' | 'command';
  readonly payload: unknown;
}

/** A connection that we open to a target and hold, over which it tells of clicks: for hubs that cannot be reached. */
export interface Line {
  /** Notifiers whose lines have the same id share one. */
  readonly id: string;
  open(ears: LineEars): OpenLine;
}

export interface LineEars {
  readonly fetch: PacedFetch;
  /** Resolves when it is kept, with what is to be told at once. Rejects when it was not kept: then it must be told again. */
  hear(what: LineHeard['what'], payload: unknown): Promise<Readonly<Record<string, unknown>> | undefined>;
  onUnheard(error: unknown): void;
  /** How the line stands: `undefined` while it is up, else why it is down. Called at each change, and may be called without one. */
  onStand(why: string | undefined): void;
}

export interface OpenLine {
  stop(): Promise<void>;
}

/** `refused`: nothing proves that it is the target's. `unreadable`: it is, and cannot be read. `none`: it asks for nothing. */
export type ClickRead =
  | { readonly kind: 'click'; readonly click: Click | HomeOpened }
  | { readonly kind: 'refused' | 'unreadable' | 'none' };

/** Something that somebody typed for Earshot, where alerts are told. */
export type CommandRead = { readonly kind: 'command'; readonly command: Command } | { readonly kind: 'refused' | 'unreadable' };

export type Command = Omit<TypedCommand, 'at' | 'node'>;

/** An answer in the target's own form. */
export interface Written {
  /** What is shown where nothing else can be. */
  readonly text: string;
  readonly blocks?: readonly unknown[];
}

/** What is said to somebody who clicked. */
export interface ClickAnswer {
  readonly text: string;
  /** A plan that they can confirm or take back. */
  readonly plan?: OfferedPlan | undefined;
  /** It takes the place of what was clicked, which they alone see. */
  readonly replaces: boolean;
}

/** What one person finds on the page that a target has for them alone. */
export interface PersonalPage {
  /** What became of what they did there, or why they see nothing. */
  readonly note?: string | undefined;
  /** Those that wait and that they may see, the worst first: all of them, or as many as there is room for. */
  readonly alerts: readonly ToldAlert[];
  readonly total: number;
  /** Whether they may do anything about them. */
  readonly mayWork: boolean;
  /** When it was so, milliseconds since the epoch. */
  readonly at: number;
}

/** For targets whose messages have buttons. */
export interface Clicking<Config> {
  /** How clicks can reach us by these settings; none: there are no buttons. */
  readonly ways: (config: Config) => { readonly posted: boolean; readonly line?: Line | undefined };
  readonly read: (request: ClickRequest, config: Config) => ClickRead;
  readonly readCommand: (request: ClickRequest, config: Config) => CommandRead;
  /** The name of the user of Earshot who this is, by the settings. */
  readonly userOf: (by: string, config: Config) => string | undefined;
  /** The other way around: who in the target a user of Earshot is; undefined where the settings do not say. */
  readonly personOf: (user: string, config: Config) => string | undefined;
  /** Whether that channel is where this notifier tells alerts. */
  readonly tellsIn: (channel: string, config: Config) => boolean;
  readonly write: (answer: Answer, context: Pick<NotifierContext<Config>, 'config' | 'pageUrl'>) => Written;
  /** Tells the one who clicked or typed, and nobody else. */
  readonly answer: (replyTo: string, answer: string | Answer | ClickAnswer, context: NotifierContext<Config>) => Promise<Delivery>;
  /** Shows somebody the page that is theirs alone. Doing it twice does no harm. */
  readonly showHome: (by: string, page: PersonalPage, context: NotifierContext<Config>) => Promise<Delivery>;
}

export interface NotifierDefinition<C extends z.ZodType> {
  /** snake_case noun, the `type` in the configuration. */
  readonly type: string;
  readonly summary: string;
  readonly config: C;
  /** Messages the target takes in a second, per notifier. */
  readonly perSecond: number;
  send(notification: Notification, context: NotifierContext<z.output<C>>): Promise<Delivery>;
  /** Where messages can be changed: brings the one with this ref up to date. Nobody is notified of it. Doing it twice does no harm. */
  readonly edit?: (ref: string, notification: Notification, context: NotifierContext<z.output<C>>) => Promise<Delivery>;
  /** Where somebody can be told something alone. */
  readonly whisper?: (whisper: Whisper, context: NotifierContext<z.output<C>>) => Promise<Delivery>;
  /** Where a letter can be written to somebody by their address of mail. The same key is the same letter, however often it is tried. */
  readonly writeTo?: (address: string, letter: Letter, key: string, context: NotifierContext<z.output<C>>) => Promise<Delivery>;
  readonly clicks?: Clicking<z.output<C>>;
  /** Whether these settings want what is known around an alert told in the thread of its message. Only for notifiers that can `edit`. */
  readonly wantsContext?: (config: z.output<C>) => boolean;
}

export const defineNotifier = <C extends z.ZodType>(definition: NotifierDefinition<C>): NotifierDefinition<C> => definition;
