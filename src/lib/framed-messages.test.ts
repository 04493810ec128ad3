import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinMessages, splitMessages } from './framed-messages.ts';

describe('framed messages', () => {
  it('come apart as they were put together', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (messages) => {
        expect(splitMessages(joinMessages(messages))).toEqual(messages.map((message) => Buffer.from(message)));
      }),
    );
  });

  it('that were cut are refused, wherever the cut is', () => {
    const joined = joinMessages([Buffer.from('one'), Buffer.from('two')]);
    for (let end = 1; end < joined.length; end++) {
      if (end !== 7) expect(() => splitMessages(joined.subarray(0, end))).toThrow(RangeError);
    }
  });
});
