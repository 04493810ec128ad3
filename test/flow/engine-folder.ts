import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EmbeddedEngine, EngineOptions } from '../../src/store/engine/engine.ts';
import { startEngine } from '../../src/store/engine/engine.ts';
import type { QueryBounds } from '../../src/store/store.ts';
import { silent } from '../../src/telemetry/telemetry.ts';

export const BOUNDS: QueryBounds = { timeoutMs: 20_000, maxMemoryBytes: 200 * 1024 ** 2, maxRows: 1_000_000 };

/** A folder for one test's engine. */
export interface EngineFolder {
  readonly path: string;
  start(options?: Partial<EngineOptions>): Promise<EmbeddedEngine>;
  remove(): void;
}

export function engineFolder(): EngineFolder {
  const path = mkdtempSync(join(tmpdir(), 'earshot-engine-'));
  return {
    path,
    start: (options) => startEngine({ dataDir: join(path, 'data'), runDir: join(path, 'run'), telemetry: silent, ...options }),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
