import { ClickHouseError } from '@clickhouse/client';
import { describe, expect, it } from 'vitest';
import { toEngineError } from './faults.ts';

const clickhouse = (code: string, message = 'x', type = 'X') => new ClickHouseError({ code, message, type });

describe('toEngineError', () => {
  it.each([
    ['241', 'memory'],
    ['243', 'disk_full'],
    ['159', 'timeout'],
    ['202', 'busy'],
    ['252', 'busy'],
    ['394', 'cancelled'],
    ['47', 'refused'],
    ['469', 'refused'],
  ])('%s is %s', (code, fault) => {
    expect(toEngineError(clickhouse(code), undefined).fault).toMatchObject({ code: fault, engineCode: Number(code) });
  });

  it.each([
    ['a lost connection is down', new Error('socket hang up'), undefined, 'down'],
    [
      'a failed write on a full disk is disk_full',
      clickhouse('75', 'Cannot write: errno: 28, strerror: No space left on device'),
      undefined,
      'disk_full',
    ],
    ['what the caller gave up is cancelled', new Error('The user aborted a request.'), 'caller', 'cancelled'],
    ['what waited for an engine that does not answer is down', new Error('The user aborted a request.'), 'silence', 'down'],
    ['what took too long is a timeout', new Error('The user aborted a request.'), 'time', 'timeout'],
  ] as const)('%s', (_, error, aborted, fault) => {
    expect(toEngineError(error, aborted).fault.code).toBe(fault);
  });
});
