import type { FastifyInstance } from 'fastify';
import { createFront, type FrontOptions } from '../../src/api/front.ts';
import type { WaitingClicks } from '../../src/hub/clicks/click-keeping.ts';
import { CommandDoor, type CommandDoorDeps } from '../../src/hub/clicks/command-door.ts';
import type { TypedCommands } from '../../src/hub/clicks/typed-commands.ts';
import type { Settings } from '../../src/settings.ts';
import { silent, type Telemetry } from '../../src/telemetry/telemetry.ts';

/** Where what is kept is in the database at once. */
export const NOTHING_WAITS: WaitingClicks = { first: () => [], forget: async () => undefined };

/** The door of commands as the door thread has it, without a thread in between. */
export const commandDoor = (
  commands: TypedCommands,
  { settings, keep, now = Date.now }: { readonly settings: Settings; readonly keep: CommandDoorDeps['keep']; readonly now?: () => number },
): CommandDoor =>
  new CommandDoor({
    notifiers: () => settings.notifiers,
    node: settings.node,
    pageUrl: settings.api.public_url,
    keep,
    run: (command) => commands.run(command),
    acknowledged: (key, withAnswer) => commands.acknowledged(key, withAnswer),
    now,
  });

/** The front door of a hub that takes no clicks. */
export const deafFront = ({
  telemetry = silent,
  ...options
}: Partial<FrontOptions> & { readonly telemetry?: Telemetry } = {}): FastifyInstance =>
  createFront(
    {
      listens: () => false,
      click: async () => 'refused',
      command: async () => ({ kind: 'refused' }),
      onAudit: () => undefined,
      telemetry,
      now: Date.now,
    },
    { apiSocket: '/nowhere', behindProxy: false, ...options },
  );
