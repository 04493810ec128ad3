import { z } from 'zod';
import type { PacedFetch } from '../lib/paced-fetch.ts';
import type { Answer } from '../model/answer.ts';
import type { Letter } from '../model/letter.ts';
import type {
  ClickAnswer,
  ClickRead,
  ClickRequest,
  CommandRead,
  Delivery,
  Line,
  Notification,
  NotifierDefinition,
  PersonalPage,
  Whisper,
  Written,
} from './notifier.ts';

/** How notifications are sent, whatever the target. */
export const outboxSettings = z
  .strictObject({
    max_attempts: z
      .number()
      .int()
      .min(1)
      .max(10_000)
      .default(150)
      .describe('Attempts before a notification is set aside as a dead letter. With the default waits: about a day.'),
    max_backoff_secs: z.number().int().min(1).max(86_400).default(600).describe('The longest wait between two attempts.'),
    send_timeout_secs: z.number().int().min(1).max(300).default(15).describe('How long a target may take to answer.'),
    burst: z
      .number()
      .int()
      .min(1)
      .max(1_000)
      .default(5)
      .describe('Messages that a notifier may send one after another. Beyond them, what there is to tell gathers.'),
    gather_secs: z
      .number()
      .int()
      .min(1)
      .max(3_600)
      .default(20)
      .describe('For how long it gathers then, to be told in one message. What comes alone is told at once.'),
    keep_delivered_days: z.number().int().min(1).max(3_650).default(30).describe('How long delivered notifications stay listed.'),
  })
  .prefault({});

export type OutboxSettings = z.output<typeof outboxSettings>;

/** A list of definitions cannot name each one's settings: they meet again in `configuredNotifiers`, by their type. */
export type AnyNotifierDefinition = NotifierDefinition<z.ZodType>;

/** What a notifier sends with. */
export interface SendContext {
  readonly fetch: PacedFetch;
  readonly signal: AbortSignal;
  readonly pageUrl?: string | undefined;
}

/** A notifier with its settings, ready to send. */
export interface ConfiguredNotifier {
  /** Its name in the configuration. */
  readonly name: string;
  readonly perSecond: number;
  send(notification: Notification, context: SendContext): Promise<Delivery>;
  /** Absent: the target does not let messages be changed. */
  readonly edit?: ((ref: string, notification: Notification, context: SendContext) => Promise<Delivery>) | undefined;
  /** Absent: it tells one place alone, which is its own. */
  readonly whisper?: ((whisper: Whisper, context: SendContext) => Promise<Delivery>) | undefined;
  /** Absent: it is no way to write to somebody by their address of mail. */
  readonly writeTo?: ((address: string, letter: Letter, key: string, context: SendContext) => Promise<Delivery>) | undefined;
  /** Whether what is known around an alert is told in the thread of its message. */
  readonly wantsContext?: boolean;
  /** Absent: its messages have no buttons. */
  readonly clicks?: ConfiguredClicks | undefined;
}

/** The definition's `Clicking`, with the settings in it. */
export interface ConfiguredClicks {
  /** Type of the notifier. */
  readonly type: string;
  /** Whether the target can post to us. */
  readonly posted: boolean;
  /** Absent: it only posts. */
  readonly line?: Line | undefined;
  read(request: ClickRequest): ClickRead;
  readCommand(request: ClickRequest): CommandRead;
  userOf(by: string): string | undefined;
  personOf(user: string): string | undefined;
  tellsIn(channel: string): boolean;
  write(answer: Answer, pageUrl: string | undefined): Written;
  answer(replyTo: string, answer: string | Answer | ClickAnswer, context: SendContext): Promise<Delivery>;
  showHome(by: string, page: PersonalPage, context: SendContext): Promise<Delivery>;
}

/** The schema of `notifiers`: by name, each with the settings of its type. */
export function notifiersSettings(definitions: readonly AnyNotifierDefinition[]) {
  const [first, ...others] = definitions.map(typed);
  if (first === undefined) throw new TypeError('there are no notifier definitions');
  return z
    .record(
      z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'a name is 1 to 64 of a-z, 0-9, _ and -'),
      z.discriminatedUnion('type', [first, ...others]),
    )
    .prefault({})
    .describe('Where alerts are told, by a name of your choice.');
}

/** Pairs parsed settings with the definitions that they are for. */
export function configuredNotifiers(
  settings: Readonly<Record<string, { readonly type: string }>>,
  definitions: readonly AnyNotifierDefinition[],
): ConfiguredNotifier[] {
  return Object.entries(settings).map(([name, config]) => {
    const definition = definitions.find((each) => each.type === config.type);
    if (definition === undefined) throw new TypeError(`notifier ${name}: no definition of type ${config.type}`);
    return {
      name,
      perSecond: definition.perSecond,
      send: (notification, context) => definition.send(notification, { config, ...context }),
      edit: editOf(definition, config),
      whisper: whisperOf(definition, config),
      writeTo: writeToOf(definition, config),
      wantsContext: definition.edit !== undefined && definition.wantsContext?.(config) === true,
      clicks: clicksOf(definition, config),
    };
  });
}

function editOf({ edit }: AnyNotifierDefinition, config: unknown): ConfiguredNotifier['edit'] {
  if (edit === undefined) return undefined;
  return (ref, notification, context) => edit(ref, notification, { config, ...context });
}

function whisperOf({ whisper }: AnyNotifierDefinition, config: unknown): ConfiguredNotifier['whisper'] {
  if (whisper === undefined) return undefined;
  return (told, context) => whisper(told, { config, ...context });
}

function writeToOf({ writeTo }: AnyNotifierDefinition, config: unknown): ConfiguredNotifier['writeTo'] {
  if (writeTo === undefined) return undefined;
  return (address, letter, key, context) => writeTo(address, letter, key, { config, ...context });
}

function clicksOf({ type, clicks }: AnyNotifierDefinition, config: unknown): ConfiguredClicks | undefined {
  const ways = clicks?.ways(config);
  if (clicks === undefined || ways === undefined || !(ways.posted || ways.line !== undefined)) return undefined;
  return {
    type,
    ...ways,
    read: (request) => clicks.read(request, config),
    readCommand: (request) => clicks.readCommand(request, config),
    userOf: (by) => clicks.userOf(by, config),
    personOf: (user) => clicks.personOf(user, config),
    tellsIn: (channel) => clicks.tellsIn(channel, config),
    write: (answer, pageUrl) => clicks.write(answer, { config, pageUrl }),
    answer: (replyTo, answer, context) => clicks.answer(replyTo, answer, { config, ...context }),
    showHome: (by, page, context) => clicks.showHome(by, page, { config, ...context }),
  };
}

function typed({ type, config }: AnyNotifierDefinition): z.ZodObject<{ type: z.ZodLiteral<string> }> {
  if (!(config instanceof z.ZodObject)) throw new TypeError(`notifier ${type}: its settings must be an object`);
  return config.safeExtend({ type: z.literal(type) });
}
