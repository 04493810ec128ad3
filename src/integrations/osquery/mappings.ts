import type { Value } from '../../model/event.ts';
import type { EventDraft, EventWords, JsonRecord, Mapping } from '../../normalize/mapping.ts';

/** Tables that have a process number and something to call the process by: `processes`, `process_events`, `es_process_events`, … */
const PROCESS: Readonly<Record<string, EventWords>> = {
  added: { action: 'process_seen', category: ['process'], type: ['info'] },
  removed: { action: 'process_gone', category: ['process'], type: ['end'] },
};
/** Any other table. */
const ROW: Readonly<Record<string, EventWords>> = {
  added: { action: 'row_added', category: ['host'], type: ['info'] },
  removed: { action: 'row_removed', category: ['host'], type: ['info'] },
};
const SNAPSHOT: EventWords = { action: 'snapshot_taken', category: ['host'], type: ['info'] };

/** Columns of tables of processes, and where each goes. Columns of other tables have the same names for other things. */
const OF_PROCESS: readonly (readonly [column: string, field: string])[] = [
  ['pid', 'process.pid'],
  ['path', 'process.executable'],
  ['cmdline', 'process.command_line'],
  ['cwd', 'process.working_directory'],
  ['parent', 'process.parent.pid'],
];

/** Who it is of: the row's own word, then what the packs' decorators say, such as the user at the screen. */
const NAMING = ['osquery.columns.username', 'osquery.columns.user', 'osquery.decorations.username', 'osquery.decorations.user'];

/**
 * Results of osquery's scheduled queries, as its loggers write them ("Logging results"): one row that came or went (`columns`), or a whole
 * answer (`snapshot`).
 */
export const osquery: Mapping = {
  product: 'osquery',
  dataset: 'osquery.result',
  appliesTo: {},
  records: {
    writes: ['host.name', 'user.name', 'user.domain', 'process.name', 'event.code', ...OF_PROCESS.map(([, field]) => field)],
    events: [...Object.values(PROCESS), ...Object.values(ROW), SNAPSHOT],
    claims: ({ hostIdentifier: host, name, columns, snapshot }) =>
      typeof host === 'string' && typeof name === 'string' && (isRecord(columns) || Array.isArray(snapshot)),
    asEcs: (record: JsonRecord) => ({ osquery: record }),
    read,
  },
};

const isRecord = (value: Value | undefined): value is JsonRecord => typeof value === 'object' && value !== null && !Array.isArray(value);

function read(event: EventDraft): void {
  const seconds = Number(event.get('osquery.unixTime'));
  if (Number.isFinite(seconds) && seconds > 0) event.setTime(seconds * 1_000);
  event.setText('event.code', textAt(event, 'osquery.name'));
  // The identifier may be a UUID; then a decorator has the name.
  event.setText('host.name', textAt(event, 'osquery.decorations.hostname') || textAt(event, 'osquery.hostIdentifier'));
  const user = NAMING.map((path) => textAt(event, path)).find((text) => text !== '');
  if (user !== undefined) setUser(event, user);
  event.classify(wordsOf(event));
}

/** `ACME\\ben` is Windows' way to say whose Ben it is. */
function setUser(event: EventDraft, text: string): void {
  const [name = '', domain = ''] = text.split('\\').reverse();
  event.setText('user.name', name);
  event.setText('user.domain', domain);
}

function wordsOf(event: EventDraft): EventWords {
  const action = textAt(event, 'osquery.action');
  if (event.get('osquery.snapshot') !== undefined || action === 'snapshot') return SNAPSHOT;
  const isProcess = readProcess(event);
  return (isProcess ? PROCESS : ROW)[action === 'removed' ? 'removed' : 'added'] ?? SNAPSHOT;
}

/** False for a row of a table that is not of processes. */
function readProcess(event: EventDraft): boolean {
  const [path, line, name] = ['path', 'cmdline', 'name'].map((column) => textAt(event, `osquery.columns.${column}`));
  if (textAt(event, 'osquery.columns.pid') === '' || !(path || line)) return false;
  for (const [column, field] of OF_PROCESS) event.setText(field, textAt(event, `osquery.columns.${column}`));
  event.setText('process.name', name || (path?.split(/[/\\]/).at(-1) ?? ''));
  return true;
}

/** A text or a number, as text; '' for what is neither. osquery writes numbers as texts unless it is told to (`logger_numerics`). */
function textAt(event: EventDraft, path: string): string {
  const value = event.get(path);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
