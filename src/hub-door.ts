import { join } from 'node:path';
import type { App } from './app.ts';
import type { DoorInit } from './door-thread.ts';
import { Clicks } from './hub/clicks/clicks.ts';
import { commandsDeps } from './hub/clicks/commands.ts';
import { DoorHandle } from './hub/clicks/door-handle.ts';
import { TypedCommands } from './hub/clicks/typed-commands.ts';
import { runDirOf } from './hub/upkeep/data-folder.ts';

/** The door thread, and what does with the main thread's means what people ask for through it. */
export interface HubDoor {
  readonly door: DoorHandle;
  readonly clicks: Clicks;
  readonly commands: TypedCommands;
}

/** Path of the socket over which the door thread asks the API what it does not do itself. */
export const apiSocketOf = (dataDir: string): string => join(runDirOf(dataDir), 'api.sock');

/** Bytes of clicks, and of commands, that wait for the state database: some hundred thousand. */
const MOST_BYTES = 100 * 1024 ** 2;

/** Nothing is started yet. */
export function buildDoor(app: App): HubDoor {
  const { state, settings, telemetry } = app;
  const files = { clicks: join(app.dataDir, 'clicks.spool'), commands: join(app.dataDir, 'commands.spool') };
  const door = new DoorHandle({
    entry: new URL('./door-thread.ts', import.meta.url),
    listen: settings.api.listen,
    init: (listen): Omit<DoorInit, 'notifiers'> => ({
      api: { ...settings.api, listen },
      node: settings.node,
      apiSocket: apiSocketOf(app.dataDir),
      files,
      mostBytes: MOST_BYTES,
    }),
    notifiers: settings.notifiers,
    answers: {
      clickKept: () => clicks.wake(),
      keep: (click) => state.clicks.keep([click]),
      command: (command) => commands.run(command),
      acknowledged: ({ key, withAnswer }) => commands.acknowledged(key, withAnswer),
      audit: (event) => app.audit(event),
    },
    telemetry,
  });
  const clicks = new Clicks(app, door.waiting('clicks'));
  const commands = new TypedCommands(
    commandsDeps(app, () => door.lineFaults),
    door.waiting('commands'),
  );
  return { door, clicks, commands };
}
