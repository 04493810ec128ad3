import { basename } from 'node:path';
import { z } from 'zod';
import type { FileFault } from '../config/fault.ts';
import { loadConfig } from '../config/load.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { LIST_KINDS, type NamedList } from '../model/named-list.ts';
import { listValue } from './list-value.ts';

/** What a list may be called: rules and searches write it. */
const LIST_NAME = /^[a-z][a-z0-9_]{0,63}$/;
export const MOST_ENTRIES = 100_000;
export const MOST_PATTERNS = 1_000;

const instant = z
  .string()
  .refine((text) => /^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(Date.parse(text)), 'write a day or a time, such as 2026-12-31')
  .transform((text) => Date.parse(text));

const entry = z.strictObject({
  value: z.union([z.string(), z.number().int()]).transform(String),
  reason: z.string().max(1_000).optional(),
  author: z.string().max(256).optional(),
  created: instant.optional(),
  expires: instant.optional(),
});

const listFile = z.strictObject({
  kind: z.enum(LIST_KINDS),
  reason: z.string().min(1).max(1_000),
  author: z.string().min(1).max(256),
  created: instant.optional(),
  fields: z.array(z.string().min(1).max(256)).max(10).default([]),
  entries: z.array(entry).max(MOST_ENTRIES),
});

/** Reads a list from YAML; its name is the file's. What an entry is silent about, the list says. */
export function parseListFile(file: string, content: string, changedAt: number): Result<NamedList, readonly FileFault[]> {
  const name = basename(file).replace(/\.ya?ml$/i, '');
  if (!LIST_NAME.test(name)) {
    return err([{ file, line: 1, message: 'the file is named as the list: a-z, 0-9 and _, a letter first, and .yml or .yaml' }]);
  }
  const loaded = loadConfig(listFile, content, {}, faultsOf);
  if (!loaded.ok)
    return err(loaded.error.map(({ path, line = 1, message }) => ({ file, line, message: path === '' ? message : `${path}: ${message}` })));
  const { kind, reason, author, created, fields, entries } = loaded.value.settings;
  const createdAt = created ?? changedAt;
  return ok({
    name,
    kind,
    reason,
    author,
    createdAt,
    fields,
    file,
    entries: entries.map((each) => {
      const value = listValue(kind, each.value);
      return {
        value: value.ok ? value.value : each.value,
        reason: each.reason ?? reason,
        author: each.author ?? author,
        createdAt: each.created ?? createdAt,
        ...(each.expires !== undefined && { expiresAt: each.expires }),
      };
    }),
  });
}

function faultsOf({ kind, fields, entries }: z.output<typeof listFile>): { path: string; message: string }[] {
  const fieldFault = fieldsFault(kind, fields);
  const patterns = kind === 'user_agent' && entries.length > MOST_PATTERNS;
  return [
    ...(fieldFault === undefined ? [] : [{ path: 'fields', message: fieldFault }]),
    ...(patterns ? [{ path: 'entries', message: `a list of programs has at most ${MOST_PATTERNS} patterns` }] : []),
    ...entries.flatMap(({ value }, i) => {
      const read = listValue(kind, value);
      return read.ok ? [] : [{ path: `entries[${i}].value`, message: read.error }];
    }),
  ];
}

/** A list of texts says where to look; all others know. */
export function fieldsFault(kind: NamedList['kind'], fields: readonly string[]): string | undefined {
  if (kind === 'text') return fields.length > 0 ? undefined : 'a list of texts names the fields that it is compared with';
  return fields.length === 0 ? undefined : `a list of the kind ${kind} knows its fields: leave them out`;
}
