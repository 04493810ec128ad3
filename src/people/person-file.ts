import { z } from 'zod';
import type { FileFault } from '../config/fault.ts';
import { loadConfig } from '../config/load.ts';
import { type CsvRow, parseCsv } from '../formats/csv.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { PersonDraft } from './person-draft.ts';

const text = z.string().trim().min(1).max(256);
const texts = z.array(text).max(1_000).default([]);
const day = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'write a day as 2026-12-31');

const person = z.strictObject({
  id: text,
  name: text.optional(),
  names: texts,
  emails: texts,
  title: text.optional(),
  department: text.optional(),
  manager: text.optional(),
  groups: texts,
  active: z.boolean().optional(),
  leaving_date: day.optional(),
  privileged: z.boolean().optional(),
});
type FilePerson = z.output<typeof person>;

/** Larger directories come as CSV, which is read fifty times as fast. */
const peopleFile = z.strictObject({ people: z.array(person).max(20_000) });

/** Reads a file of people by its ending. All faults at once. */
export function parsePeople(file: string, content: string): Result<readonly PersonDraft[], readonly FileFault[]> {
  const people = file.toLowerCase().endsWith('.csv') ? fromCsv(file, content) : fromYaml(file, content);
  return people.ok ? ok(people.value.map((each) => draftOf(each, file))) : people;
}

function fromYaml(file: string, content: string): Result<readonly FilePerson[], readonly FileFault[]> {
  const loaded = loadConfig(peopleFile, content, {}, ({ people }) =>
    idsTwice(people).map((i) => ({ path: `people[${i}].id`, message: `the id ${people[i]?.id} is taken already` })),
  );
  if (loaded.ok) return ok(loaded.value.settings.people);
  return err(loaded.error.map(({ path, line = 1, message }) => ({ file, line, message: path === '' ? message : `${path}: ${message}` })));
}

/** Positions of those whose id somebody before them has. */
function idsTwice(people: readonly FilePerson[]): number[] {
  const seen = new Set<string>();
  return people.flatMap(({ id }, i) => {
    const key = id.toLowerCase();
    if (seen.has(key)) return [i];
    seen.add(key);
    return [];
  });
}

const COLUMNS = Object.keys(person.shape);
const MANY = new Set(['names', 'emails', 'groups']);
const YES_NO: Readonly<Record<string, boolean>> = { true: true, yes: true, '1': true, false: false, no: false, '0': false };

/** The first line names the columns, as the keys of the YAML form; several values of a cell are separated by semicolons. */
function fromCsv(file: string, content: string): Result<readonly FilePerson[], readonly FileFault[]> {
  const rows = parseCsv(content);
  if (!rows.ok) return err([{ file, ...rows.error }]);
  const [head, ...body] = rows.value;
  const columns = head?.cells.map((cell) => cell.trim().toLowerCase()) ?? [];
  const unknown = columns.filter((column) => !COLUMNS.includes(column));
  if (!columns.includes('id') || unknown.length > 0) {
    const what = unknown.length > 0 ? `unknown column ${unknown.join(', ')}` : 'there is no column id';
    return err([{ file, line: head?.line ?? 1, message: `${what}; known: ${COLUMNS.join(', ')}` }]);
  }
  const faults: FileFault[] = [];
  const people: FilePerson[] = [];
  const lines: number[] = [];
  for (const row of body) {
    const parsed = person.safeParse(cellsOf(row, columns));
    if (parsed.success) {
      people.push(parsed.data);
      lines.push(row.line);
    } else
      faults.push(...parsed.error.issues.map(({ path, message }) => ({ file, line: row.line, message: `${path.join('.')}: ${message}` })));
  }
  faults.push(...idsTwice(people).map((i) => ({ file, line: lines[i] ?? 1, message: `the id ${people[i]?.id} is taken already` })));
  return faults.length > 0 ? err(faults) : ok(people);
}

/** Empty cells say nothing. */
function cellsOf({ cells }: CsvRow, columns: readonly string[]): Record<string, unknown> {
  const filled = columns.flatMap((column, i) => {
    const cell = cells[i]?.trim() ?? '';
    return cell === '' ? [] : [[column, cellValue(column, cell)] as const];
  });
  return Object.fromEntries(filled);
}

function cellValue(column: string, cell: string): unknown {
  if (MANY.has(column)) return cell.split(';').flatMap((part) => part.trim() || []);
  if (column === 'active' || column === 'privileged') return YES_NO[cell.toLowerCase()] ?? cell;
  return cell;
}

function draftOf({ name, leaving_date, title, department, manager, active, privileged, ...rest }: FilePerson, source: string): PersonDraft {
  return {
    ...rest,
    ...(name !== undefined && { displayName: name }),
    ...(leaving_date !== undefined && { leavingDate: leaving_date }),
    ...(title !== undefined && { title }),
    ...(department !== undefined && { department }),
    ...(manager !== undefined && { manager }),
    ...(active !== undefined && { active }),
    ...(privileged !== undefined && { privileged }),
    source,
  };
}
