import type { Reading } from '../../store/event-sql.ts';
import type { Sql } from '../../store/sql.ts';
import { type FieldSql, fieldSql } from './field-sql.ts';
import { all, any, FALSE, no, type TextTest } from './values.ts';

/** What the leaves of one rule share while they are written as SQL. */
export class Scope {
  readonly reading: Reading;
  readonly #fields = new Map<string, FieldSql>();
  readonly #odd = new Map<string, Sql>();

  constructor(reading: Reading) {
    this.reading = reading;
  }

  field(path: string): FieldSql {
    const known = this.#fields.get(path);
    if (known) return known;
    const field = fieldSql(path, this.reading);
    this.#fields.set(path, field);
    this.addOdd(field.odd);
    return field;
  }

  /** What is asked of the first of these fields that is there; nothing is true of none. */
  first(paths: readonly string[], ask: (field: FieldSql, path: string) => Sql): Sql {
    const fields = paths.map((path) => ({ path, field: this.field(path) }));
    const [only] = fields;
    if (fields.length === 1 && only) return ask(only.field, only.path);
    return any(
      fields.map(({ path, field }, i) =>
        all([...fields.slice(0, i).map((earlier) => no(earlier.field.there)), field.there, ask(field, path)]),
      ),
    );
  }

  /** The test is true of a text of the first of these fields that is there. */
  some(paths: readonly string[], test: TextTest): Sql {
    return this.first(paths, (field) => field.some(test));
  }

  /** Rows of which SQL cannot say what the stream says. */
  addOdd(rows: Sql): void {
    if (rows !== FALSE) this.#odd.set(JSON.stringify(rows), rows);
  }

  get odd(): Sql {
    return any([...this.#odd.values()]);
  }
}
