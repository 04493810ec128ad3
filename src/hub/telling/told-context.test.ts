import { describe, expect, it } from 'vitest';
import { person } from '../../../test/support/person.ts';
import { TOLD_AT, toldAlert } from '../../../test/support/told-alert.ts';
import type { Alert } from '../../model/alert.ts';
import { type Person, PersonNames } from '../../model/person.ts';
import type { Sql } from '../../store/sql.ts';
import { EngineError, type EventEngine } from '../../store/store.ts';
import { silent } from '../../telemetry/telemetry.ts';
import { toldContext } from './told-context.ts';

const NOON = TOLD_AT;
const HOUR = 3_600_000;
const ALICE = person('asmith', { displayName: 'Alice Smith', names: ['W0EXAMPLE01', 'alice'], emails: ['alice@example.com'] });
const alert = (more: Partial<Alert> = {}) => toldAlert({ group: { 'user.id': 'W0EXAMPLE01' }, ...more });

/** An engine that answers each statement as told, and keeps what it was asked. */
function engineOf(answer: (statement: Sql) => readonly object[]) {
  const asked: Sql[] = [];
  const engine: EventEngine = {
    query: async <Row>(statement: Sql) => {
      asked.push(statement);
      return answer(statement) as Row[];
    },
    command: () => Promise.reject(new Error('not asked for')),
    insert: () => Promise.reject(new Error('not asked for')),
    up: true,
  };
  return { asked, engine };
}

const contextOf = (engine: EventEngine, of: Alert = alert(), people: readonly Person[] = [ALICE]) =>
  toldContext({ engine, names: new PersonNames(people, []), telemetry: silent }, of);

describe('what is known around an alert', () => {
  it('is of the person whom the directory knows, by all names, an hour before to an hour after', async () => {
    const { asked, engine } = engineOf(() => []);
    expect(await contextOf(engine)).toMatchObject({ person: 'Alice Smith', from: NOON - HOUR, to: NOON + HOUR + 1 });
    expect(asked).toHaveLength(3);
    for (const { params } of asked) {
      expect(Object.values(params)).toEqual(expect.arrayContaining(['w0example01', 'alice', 'asmith', 'alice@example.com']));
    }
  });

  it('is of the names that the alert gives where the directory knows none of them; a number is none', async () => {
    const { asked, engine } = engineOf(() => []);
    const of = alert({ group: { 'user.id': '1000', 'user.name': 'bob' } });
    expect(await contextOf(engine, { ...of, evidence: [] }, [])).toMatchObject({ person: 'bob' });
    expect(Object.values(asked[0]?.params ?? {})).not.toContain('1000');
  });

  it('is of the last day of an alert that goes on for long', async () => {
    const { engine } = engineOf(() => []);
    const found = await contextOf(engine, alert({ firstAt: NOON - 300 * HOUR }));
    expect(found).toMatchObject({ from: NOON - 25 * HOUR + 1, to: NOON + HOUR + 1 });
  });

  it('is nothing for an alert that names nobody', async () => {
    const { asked, engine } = engineOf(() => []);
    expect(await contextOf(engine, alert({ group: { 'host.name': 'db1' }, evidence: [] }))).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it('says which part could not be gathered, and has the others', async () => {
    const { engine } = engineOf(({ text }) => {
      if (text.includes('in_channels')) throw new EngineError({ code: 'busy', message: 'no' });
      return [];
    });
    expect(await contextOf(engine)).toMatchObject({
      files: { ok: false, error: 'The event engine has too much to do.' },
      whereabouts: { ok: true, value: { addresses: { present: [], usual: [] } } },
      deeds: { ok: true, value: [] },
    });
  });
});
