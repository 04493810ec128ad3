import { join } from 'node:path';
import { startEngine } from '../../src/store/engine/engine.ts';
import { silent } from '../../src/telemetry/telemetry.ts';

// A process that owns an engine in the folder it is given, prints the engine's process id, and waits to be killed.
const folder = process.argv[2] ?? '';
const engine = await startEngine({ dataDir: join(folder, 'data'), runDir: join(folder, 'run'), telemetry: silent });
process.stdout.write(`${engine.pid}\n`);
