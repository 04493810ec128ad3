/** A statement with its parameters. Values travel as ClickHouse query parameters, never as text of the statement. */
export interface Sql {
  readonly text: string;
  readonly params: Readonly<Record<string, string>>;
}

/** A value with its ClickHouse type: the only way to put a value into a statement. `value` is in the parameter's text form. */
export class Param {
  readonly type: string;
  readonly value: string;

  constructor(type: string, value: string) {
    this.type = type;
    this.value = value;
  }
}

export const str = (value: string): Param => new Param('String', value);
export const u64 = (value: number): Param => new Param('UInt64', `${value}`);
export const f64 = (value: number): Param => new Param('Float64', `${value}`);
/** Milliseconds since the epoch, compared as such: `toUnixTimestamp64Milli(ts)` has a cheaper twin in `fromUnixTimestamp64Milli({p:Int64})`. */
export const ms = (value: number): Param => new Param('Int64', `${Math.trunc(value)}`);

/** Builds a statement. It takes parameters and other statements; a bare string does not compile. */
export function sql(strings: TemplateStringsArray, ...values: readonly (Param | Sql)[]): Sql {
  const params: Record<string, string> = {};
  let text = strings[0] ?? '';
  const bind = (type: string, value: string): string => {
    const name = `p${Object.keys(params).length}`;
    params[name] = value;
    return `{${name}:${type}}`;
  };
  values.forEach((value, i) => {
    text += value instanceof Param ? bind(value.type, value.value) : splice(value, bind);
    text += strings[i + 1] ?? '';
  });
  return { text, params };
}

/** Joins statements with a fixed separator. */
export function joinSql(parts: readonly Sql[], separator: ' AND ' | ' OR ' | ', ' | ' UNION ALL '): Sql {
  return parts.reduce((all, part, i) => (i === 0 ? part : raw2(all, separator, part)), sql``);
}

function raw2(a: Sql, separator: string, b: Sql): Sql {
  const middle: Sql = { text: separator, params: {} };
  return sql`${a}${middle}${b}`;
}

function splice(inner: Sql, bind: (type: string, value: string) => string): string {
  return inner.text.replace(/\{(p\d+):([^}]+)\}/g, (_, name: string, type: string) => bind(type, inner.params[name] ?? ''));
}
