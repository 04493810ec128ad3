import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EarshotError } from '../lib/errors.ts';
import type { Intake } from '../model/record.ts';
import { sourceName } from '../settings.ts';
import { type ImportProgress, type ImportResult, importFile } from '../sources/import/import-file.ts';
import { type Call, CONFIG_OPTION, type Command, DATA_DIR_OPTION, FAULTS, GOOD, JSON_OPTION, UsageError } from './command.ts';
import { type HubAccess, interrupted, openHub } from './hub-access.ts';
import { output } from './output.ts';
import { patientIntake } from './patient-intake.ts';

const MAX_MESSAGE_BYTES = 1024 * 1024;
const SEARCHABLE_MS = 30_000;
/** Time for a person to free space, or for blocks on their way to be stored and the raw log to shrink; not for a nightly job to hang. */
const ROOM_WITHIN_SECS = 300;
/** On a terminal, the line that shows the progress goes before another one comes. */
const HIDE = process.stderr.isTTY ? '\r\x1b[K' : '';

export const importFiles: Command = {
  name: 'import',
  summary: 'Stores the events of files: plain, gzip or zstd; lines, NDJSON or a JSON array. The same content is stored once.',
  operands: 'FILE…',
  operandCount: [1, Number.POSITIVE_INFINITY],
  options: {
    source: { type: 'string', short: 's', value: 'NAME', describe: 'the source they come under (default: import)' },
    wait: {
      type: 'string',
      value: 'SECONDS',
      describe: `how long to wait for room while the disk has less than disk.min_free_bytes (default: ${ROOM_WITHIN_SECS})`,
    },
    json: JSON_OPTION,
    config: CONFIG_OPTION,
    'data-dir': DATA_DIR_OPTION,
  },
  examples: ['earshot import /var/log/auth.log*', 'earshot import --source pam export.ndjson.zst'],
  run: async (call) => {
    const source = sourceOf(call);
    const roomWithinSecs = roomWithinOf(call);
    const signal = interrupted();
    const hub = await openHub(call);
    const intake = patientIntake({
      hub,
      roomWithinSecs,
      tell: (line) => void process.stderr.write(`${HIDE}${line}\n`),
      now: () => performance.now(),
      sleep: (ms) => sleep(ms, undefined, { signal }),
    });
    let faults = 0;
    try {
      for (const path of call.positionals) {
        if (signal.aborted || !(await importOne(hub, { path, source, intake, signal, json: call.flag('json') }))) faults++;
        if (signal.aborted) break;
      }
      await searchable(hub, signal);
    } finally {
      await hub.close();
    }
    return faults > 0 ? FAULTS : GOOD;
  },
};

function sourceOf(call: Call): string {
  const source = call.text('source') ?? 'import';
  const named = sourceName.safeParse(source);
  if (!named.success) throw new UsageError(`--source "${source}": ${named.error.issues[0]?.message}`);
  return source;
}

function roomWithinOf(call: Call): number {
  const text = call.text('wait') ?? `${ROOM_WITHIN_SECS}`;
  if (!/^\d{1,6}$/.test(text)) throw new UsageError('--wait takes a whole number of seconds from 0');
  return Number(text);
}

/** So that a search that comes next finds it. Where that takes long (an engine that is down), it is safe in the raw log all the same. */
async function searchable(hub: HubAccess, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  const late = sleep(SEARCHABLE_MS, 'late', { signal: until }).catch(() => 'stopped');
  const drained = hub.ask({ method: 'POST', path: '/api/control/drain' });
  const outcome = await Promise.race([drained, late]);
  over.abort();
  drained.catch(() => undefined);
  if (outcome === 'late') process.stderr.write('all of it is kept, though not all of it can be searched yet\n');
}

interface FileToImport {
  readonly path: string;
  readonly source: string;
  readonly intake: Intake;
  readonly signal: AbortSignal;
  readonly json: boolean;
}

/** False when not all of it could be imported; why is told. */
async function importOne(hub: HubAccess, { path, source, intake, signal, json }: FileToImport): Promise<boolean> {
  const show = process.stderr.isTTY ? (progress: ImportProgress) => process.stderr.write(`\r${describe(path, progress)}\x1b[K`) : undefined;
  try {
    // A pipe would be waited for, and could not be read twice.
    if (!(await stat(path)).isFile()) throw new Error('not a file with events in it');
    const result = await importFile({
      path: resolve(path),
      source,
      intake,
      maxMessageBytes: MAX_MESSAGE_BYTES,
      now: Date.now,
      keysWithPrefix: async (prefix) =>
        (await hub.ask<{ keys: string[] }>({ method: 'GET', path: `/api/control/keys?${new URLSearchParams({ prefix })}` })).keys,
      ...(show && { onProgress: show }),
      signal,
    });
    process.stderr.write(HIDE);
    await output.print(json ? `${JSON.stringify({ path, source, ...result })}\n` : `${path}: ${inWords(result)}\n`);
    return true;
  } catch (error) {
    const why = signal.aborted ? 'stopped; the same command goes on from here' : whyNot(error);
    process.stderr.write(`${HIDE}${path}: ${why}\n`);
    if (json) await output.print(`${JSON.stringify({ path, source, error: why })}\n`);
    return false;
  }
}

const inWords = ({ events, duplicates, resumedAt, truncated }: ImportResult): string =>
  [
    events + duplicates === 0 ? 'nothing new in it' : `${events} events stored`,
    ...(resumedAt > 0 || duplicates > 0 ? ['what was known before skipped'] : []),
    ...(truncated > 0 ? [`${truncated} cut at ${MAX_MESSAGE_BYTES} bytes or by the end of the file`] : []),
  ].join(', ');

function whyNot(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'it may not be read by this user';
  if (error instanceof EarshotError) return `${error.message} (${error.code})`;
  return message;
}

function describe(path: string, { fileBytes, fileBytesRead, events, eventsPerSecond, etaSecs }: ImportProgress): string {
  const share = fileBytes > 0 ? Math.floor((fileBytesRead / fileBytes) * 100) : 100;
  return `${path} ${share}% ${events} events, ${Math.round(eventsPerSecond)}/s${etaSecs === undefined ? '' : `, ${Math.ceil(etaSecs)} s left`}`;
}
