import { sep } from 'node:path';
import { sameSettings } from '../../config/same-settings.ts';
import { membersOf } from '../../detect/sigma/load.ts';
import { namesRule } from '../../model/detection.ts';
import type { Settings } from '../../settings.ts';
import type { readRuleFolders } from '../../stages.ts';

type Rules = ReturnType<typeof readRuleFolders>;

/** How a reload went. */
export interface Reloaded {
  /** False: everything is as it was before. */
  readonly applied: boolean;
  /** Why nothing was changed, or what of it could not be had. */
  readonly faults: readonly string[];
  /** What needs a restart, and rules that do not run. */
  readonly notes: readonly string[];
}

/** Settings that a running hub cannot change. */
const FIXED = ['data_dir', 'node', 'api', 'raw_log', 'engine', 'state', 'log', 'alerts'] as const;

export interface Versions {
  readonly settings: Settings;
  readonly document: unknown;
}

/** The new configuration with what cannot change as the hub was started, and a note for each such setting. */
export function keepFixed(started: Versions, wanted: Versions): Versions & { readonly notes: readonly string[] } {
  const before = asObject(started.document);
  const document = { ...asObject(wanted.document) };
  const settings: Settings = { ...wanted.settings };
  for (const key of FIXED) {
    Object.assign(settings, { [key]: started.settings[key] });
    if (key in before) document[key] = before[key];
    else delete document[key];
  }
  const notes = FIXED.filter((key) => !sameSettings(wanted.settings[key], started.settings[key]));
  return { settings, document, notes: notes.map((key) => `${key}: takes effect at the next start`) };
}

/** Rules that run now and would not any more, because their file or folder is faulty: nobody asked for that. */
export function lostRules(running: Rules, wanted: Rules): string[] {
  const kept = new Set(membersOf(wanted).map(({ id }) => id));
  return wanted.rejected.flatMap(({ file, line, column, reason }) => {
    const lost = membersOf(running).filter((rule) => !kept.has(rule.id) && (rule.file === file || rule.file.startsWith(`${file}${sep}`)));
    return lost.length === 0 ? [] : [`${file}:${line}:${column}: ${reason} (it would end ${lost.map(({ name }) => name).join(', ')})`];
  });
}

export const rejectedNotes = ({ rejected }: Rules): string[] =>
  rejected.map(({ file, line, column, reason }) => `${file}:${line}:${column}: this rule does not run: ${reason}`);

/** Words of `rules.staged` that stand for no rule: most likely misspelled, and the rule that was meant is live. */
export const stagedNotes = ({ rules: { staged } }: Pick<Settings, 'rules'>, loaded: Rules): string[] =>
  staged
    .filter((pattern) => !membersOf(loaded).some((rule) => namesRule(pattern, rule)))
    .map((pattern) => `rules.staged: no rule is called ${pattern}`);

const INGEST = ['node', 'sources', 'rules', 'correlations', 'raw_log', 'normalize', 'retention', 'engine'] as const;

/**
 * The part of the document that the ingest thread parses again. Nothing of notifiers: a secret's file that has gone meanwhile must not
 * keep a thread from starting anew, and HTTP sources are served by the main thread.
 */
export function ingestDocument(document: unknown): unknown {
  const whole = asObject(document);
  const part = Object.fromEntries(INGEST.flatMap((key) => (key in whole ? [[key, whole[key]]] : [])));
  if (part.sources === undefined) return part;
  const sources = Object.entries(asObject(part.sources)).map(([name, source]) => {
    const { auth: _, ...rest } = asObject(source);
    return [name, rest];
  });
  return { ...part, sources: Object.fromEntries(sources) };
}

const asObject = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? { ...value } : {});
