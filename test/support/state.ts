import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openState } from '../../src/store/state/open.ts';
import type { State } from '../../src/store/state/state.ts';

export interface TestState {
  readonly folder: string;
  readonly state: State;
  /** Closes and opens again, as after a crash between two transactions. */
  reopen(): Promise<State>;
  remove(): Promise<void>;
}

/** An embedded state database in a temporary folder. */
export async function testState(now: () => number): Promise<TestState> {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-state-'));
  const open = () => openState({ type: 'sqlite', busy_timeout_ms: 1_000 }, { folder, now });
  let state = await open();
  return {
    folder,
    get state() {
      return state;
    },
    reopen: async () => {
      await state.close();
      state = await open();
      return state;
    },
    remove: async () => {
      await state.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
