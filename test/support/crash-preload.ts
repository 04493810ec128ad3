/**
 * Loaded with `node --import` before the hub, in its main thread and, as workers inherit it, in the ingest and judge threads: ends the process by
 * SIGKILL at one point of the way of one message. The product knows nothing of it.
 *
 * `EARSHOT_CRASH_AT`: a point, see crash-points.ts. `EARSHOT_CRASH_ID`: the id of the numbered message. `EARSHOT_CRASH_RAW_LOG`: folder of
 * the raw log.
 */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { Folder, parseSegmentName } from '../../src/raw-log/folder.ts';
import { RawLog } from '../../src/raw-log/raw-log.ts';
import { EngineClient } from '../../src/store/engine/client.ts';
import type { CrashPoint } from './crash-points.ts';
import { userOf } from './numbered-messages.ts';

const { EARSHOT_CRASH_AT: at, EARSHOT_CRASH_ID: id = '', EARSHOT_CRASH_RAW_LOG: rawLog = '' } = process.env;
const names = [id, userOf(id)];
const concerns = (text: { includes(part: string): boolean }): boolean => names.some((name) => text.includes(name));

/** What was seen of the message in this thread. */
const seen = { appended: false, alertWritten: false, told: false, settleWritten: false };

/** What other threads must know of it too, as files beside the raw log. */
const noteFile = (what: 'inserted' | 'alerted') => `${rawLog}.${what}-${id}`;
const note = (what: 'inserted' | 'alerted') => writeFileSync(noteFile(what), '');
const noted = (what: 'inserted' | 'alerted') => existsSync(noteFile(what));

function reached(point: CrashPoint): void {
  if (point === at) process.kill(process.pid, 'SIGKILL');
}

/** Holds this thread up until the others have stored all that is in the raw log. */
function waitUntilStored(): void {
  const names = () => readdirSync(rawLog).map(parseSegmentName);
  while (names().some((name) => name?.stored === false)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
}

if (at !== undefined) {
  watchRawLog();
  watchEngine();
  watchState();
  watchFetch();
}

function watchRawLog(): void {
  const { append, stored, alerted } = RawLog.prototype;
  RawLog.prototype.append = async function (batch) {
    const ours = batch.messages.some(concerns);
    if (ours) reached('before append');
    if (ours) seen.appended = true;
    const receipt = await append.call(this, batch);
    if (ours) reached('after append');
    return receipt;
  };
  RawLog.prototype.stored = async function (block) {
    const ours = noted('inserted');
    if (ours) reached('before stored');
    await stored.call(this, block);
    if (ours) reached('after stored');
  };
  RawLog.prototype.alerted = async function (block) {
    // Alerting is often faster than the engine; then no mark is needed, and its points would not be reached.
    if (seen.appended && at?.endsWith('mark')) await new Promise(() => undefined);
    if (seen.appended) reached('before alerted');
    await alerted.call(this, block);
    if (seen.appended) note('alerted');
    if (seen.appended) reached('after alerted');
  };
  const { rename, remove } = Folder.prototype;
  Folder.prototype.rename = async function (from, to) {
    const mark = noted('inserted') && parseSegmentName(to)?.stored === true;
    if (mark) reached('before mark');
    await rename.call(this, from, to);
    if (mark) reached('after mark');
  };
  Folder.prototype.remove = async function (name) {
    const segment = noted('inserted') && parseSegmentName(name) !== undefined;
    if (segment) reached('before delete');
    await remove.call(this, name);
    if (segment) reached('after delete');
  };
}

function watchEngine(): void {
  const { insert } = EngineClient.prototype;
  EngineClient.prototype.insert = async function (block) {
    const ours = concerns(block.body);
    if (ours) reached('before insert');
    if (ours && at === 'before insert, once alerted') {
      while (!noted('alerted')) await sleep(5);
      reached(at);
    }
    try {
      await insert.call(this, block);
      if (ours) reached('after insert');
    } finally {
      // Also when the answer got lost: the rows may be there, and then nothing is inserted again.
      if (ours) note('inserted');
    }
  };
}

function watchState(): void {
  for (const name of ['run', 'all', 'get'] as const) {
    const original: unknown = StatementSync.prototype[name];
    if (typeof original !== 'function') continue;
    Object.defineProperty(StatementSync.prototype, name, {
      value: function (this: StatementSync, ...values: unknown[]) {
        const texts = values.filter((value) => typeof value === 'string');
        if (/insert into "alerts?"/.test(this.sourceSQL) && texts.some(concerns)) seen.alertWritten = true;
        if (seen.told && /update "outbox"/.test(this.sourceSQL) && texts.includes('delivered')) seen.settleWritten = true;
        return Reflect.apply(original, this, values);
      },
    });
  }
  const { exec } = DatabaseSync.prototype;
  DatabaseSync.prototype.exec = function (text) {
    const { alertWritten, settleWritten } = seen;
    const commit = text === 'commit';
    if (commit && alertWritten) reached('before commit');
    if (commit && alertWritten && at === 'before commit, once stored') {
      waitUntilStored();
      reached(at);
    }
    if (commit && settleWritten) reached('before settle');
    exec.call(this, text);
    if (!commit) return;
    if (alertWritten) reached('after commit');
    if (settleWritten) reached('after settle');
    seen.alertWritten = false;
    seen.settleWritten = false;
  };
}

function watchFetch(): void {
  const { fetch } = globalThis;
  globalThis.fetch = async (input, init) => {
    const ours = typeof init?.body === 'string' && concerns(init.body);
    if (ours) reached('before send');
    const response = await fetch(input, init);
    if (ours) reached('after send');
    if (ours) seen.told = true;
    return response;
  };
}
