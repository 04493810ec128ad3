import { describe, expect, it } from 'vitest';
import { toldAlert } from '../../../test/support/told-alert.ts';
import type { ToldAlert } from '../../model/alert.ts';
import type { EventEngine, QueryBounds } from '../../store/store.ts';
import { silent } from '../../telemetry/telemetry.ts';
import { withUsual } from './told-usual.ts';

const alert = toldAlert({ ruleId: '4f6e2a9c-0000-4000-8000-000000000001' });
const counted = { rule_events: '7', group_events: '2', person_rule_events: '3' };

/** An engine that answers as told, and counts how often it is asked. */
function engineOf(answer: (signal: AbortSignal | undefined) => Promise<object[]>) {
  const asked = { times: 0 };
  const engine: EventEngine = {
    query: async <Row>(_: unknown, { signal }: QueryBounds) => {
      asked.times += 1;
      return (await answer(signal)) as Row[];
    },
    command: () => Promise.reject(new Error('not asked for')),
    insert: () => Promise.reject(new Error('not asked for')),
    up: true,
  };
  return { asked, engine };
}

describe('an alert that is told', () => {
  it('says what was usual before it', async () => {
    const { engine } = engineOf(async () => [counted]);
    expect(await withUsual({ engine, telemetry: silent }, [alert], true)).toEqual([
      { ...alert, usual: { ruleEvents: 7, groupEvents: 2, person: { name: 'alice', ruleEvents: 3 } } },
    ]);
  });

  it('asks nothing of silence, which has no events', async () => {
    const { asked, engine } = engineOf(async () => [counted]);
    const quiet: ToldAlert = { ...alert, kind: 'silence', count: 0, evidence: [] };
    expect(await withUsual({ engine, telemetry: silent }, [quiet], true)).toEqual([quiet]);
    expect(asked.times).toBe(0);
  });

  it('is told all the same, and soon, when the engine is down or hangs', async () => {
    const down = engineOf(() => Promise.reject(new Error('the engine is down')));
    expect(await withUsual({ engine: down.engine, telemetry: silent }, [alert], true)).toEqual([alert]);
    const hung = engineOf((signal) => new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))));
    const before = performance.now();
    expect(await withUsual({ engine: hung.engine, telemetry: silent }, [alert], true)).toEqual([alert]);
    expect(performance.now() - before).toBeLessThan(2_000);
  });

  it('says it in an edit where the engine has much to do', async () => {
    const { engine } = engineOf((signal) => {
      return new Promise((resolve, reject) => {
        setTimeout(() => resolve([counted]), 800);
        signal?.addEventListener('abort', () => reject(signal.reason));
      });
    });
    expect(await withUsual({ engine, telemetry: silent }, [alert], true)).toEqual([alert]);
    expect(await withUsual({ engine, telemetry: silent }, [alert], false)).toMatchObject([{ usual: { ruleEvents: 7 } }]);
  });

  it('is not asked for among others', async () => {
    const { engine, asked } = engineOf(async () => [counted]);
    expect(await withUsual({ engine, telemetry: silent }, [alert, alert], true)).toEqual([alert, alert]);
    expect(asked.times).toBe(0);
  });
});
