import { sql, str } from '../../store/sql.ts';
import type { Test } from '../sigma/tree.ts';
import type { TextTest } from './values.ts';

/** The engine's expressions are RE2 too; its dot takes line feeds unless it is told not to. */
export function regexTest({ source, flags }: Test & { readonly kind: 'regex' }): TextTest {
  const on = `${flags.ignoreCase ? 'i' : ''}${flags.multiline ? 'm' : ''}${flags.dotAll ? 's' : ''}`;
  const expression = `(?${on}${flags.dotAll ? '' : '-s'})${source}`;
  return (text) => sql`match(${text}, ${str(expression)})`;
}
