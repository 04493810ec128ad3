import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EarshotError } from '../lib/errors.ts';
import { joinMessages } from '../lib/framed-messages.ts';
import type { Intake, RawBatch, Receipt } from '../model/record.ts';
import { type ImportProgress, importFile } from '../sources/import/import-file.ts';
import { CONFIG_OPTION, type Command, DATA_DIR_OPTION, FAULTS, GOOD, JSON_OPTION, UsageError } from './command.ts';
import { type HubAccess, interrupted, openHub } from './hub-access.ts';

const MAX_MESSAGE_BYTES = 1024 * 1024;
const BUSY_WAIT_MS = 1_000;

export const importFiles: Command = {
  name: 'import',
  summary: 'Stores the events of files: plain, gzip or zstd; lines, NDJSON or a JSON array. The same content is stored once.',
  operands: 'FILE…',
  operandCount: [1, Number.POSITIVE_INFINITY],
  options: {
    source: { type: 'string', short: 's', value: 'NAME', describe: 'the source they come under (default: import)' },
    json: JSON_OPTION,
    config: CONFIG_OPTION,
    'data-dir': DATA_DIR_OPTION,
  },
  examples: ['earshot import /var/log/auth.log*', 'earshot import --source pam export.ndjson.zst'],
  run: async (call) => {
    const missing = call.positionals.filter((path) => !existsSync(path));
    if (missing.length > 0) throw new UsageError(`there is no file ${missing.join(', ')}`);
    const source = call.text('source') ?? 'import';
    const signal = interrupted();
    const hub = await openHub(call);
    let faults = 0;
    try {
      for (const path of call.positionals) if (!(await importOne(hub, { path, source, signal, json: call.flag('json') }))) faults++;
      if (!hub.running) await hub.ask({ method: 'POST', path: '/api/control/drain' });
    } finally {
      await hub.close();
    }
    return faults > 0 ? FAULTS : GOOD;
  },
};

async function importOne(hub: HubAccess, file: { path: string; source: string; signal: AbortSignal; json: boolean }): Promise<boolean> {
  const { path, source, signal, json } = file;
  const show = process.stderr.isTTY ? (progress: ImportProgress) => process.stderr.write(`\r${describe(path, progress)}\x1b[K`) : undefined;
  try {
    const result = await importFile({
      path: resolve(path),
      source,
      intake: remoteIntake(hub, signal),
      maxMessageBytes: MAX_MESSAGE_BYTES,
      now: Date.now,
      keysWithPrefix: async (prefix) =>
        (await hub.ask<{ keys: string[] }>({ method: 'GET', path: `/api/control/keys?${new URLSearchParams({ prefix })}` })).keys,
      ...(show && { onProgress: show }),
      signal,
    });
    if (show) process.stderr.write('\r\x1b[K');
    if (json) process.stdout.write(`${JSON.stringify({ path, source, ...result })}\n`);
    else
      process.stdout.write(
        `${path}: ${result.events} events stored${result.resumedAt > 0 || result.duplicates > 0 ? ', what was known before skipped' : ''}\n`,
      );
    return true;
  } catch (error) {
    const why = signal.aborted ? 'stopped; the same command goes on from here' : error instanceof Error ? error.message : String(error);
    process.stderr.write(`${show ? '\r\x1b[K' : ''}${path}: ${why}\n`);
    return false;
  }
}

/** The hub's intake over its control API. A hub that takes nothing in now is asked again until it does. */
function remoteIntake(hub: HubAccess, signal: AbortSignal): Intake {
  let told = false;
  const append = async (batch: RawBatch): Promise<Receipt> => {
    const { source, origin, key } = batch;
    const params = { source, path: origin.path ?? '', ...(key !== undefined && { key }), ...(origin.truncated && { truncated: '1' }) };
    for (;;) {
      try {
        return await hub.ask<Receipt>({
          method: 'POST',
          path: `/api/control/append?${new URLSearchParams(params)}`,
          body: joinMessages(batch.messages),
        });
      } catch (error) {
        if (!(error instanceof EarshotError && (error.code === 'EAR_RAW_LOG_FULL' || error.code === 'EAR_RAW_LOG_IO'))) throw error;
        if (!told) process.stderr.write(`waiting: ${error.message}\n`);
        told = true;
        await sleep(BUSY_WAIT_MS, undefined, { signal });
      }
    }
  };
  return { append, open: true, whenOpen: async () => undefined };
}

function describe(path: string, { fileBytes, fileBytesRead, events, eventsPerSecond, etaSecs }: ImportProgress): string {
  const share = fileBytes > 0 ? Math.floor((fileBytesRead / fileBytes) * 100) : 100;
  return `${path} ${share}% ${events} events, ${Math.round(eventsPerSecond)}/s${etaSecs === undefined ? '' : `, ${Math.ceil(etaSecs)} s left`}`;
}
