import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { propertySeed } from '../../test/support/property-seed.ts';
import type { Evidence } from '../model/alert.ts';
import { seenThings } from './seen-things.ts';

const event = (more: Partial<Evidence>): Evidence => ({
  eventId: '1-1',
  timestamp: 1_000,
  dataset: 'segura.pam',
  user: 'alice',
  message: 'password hunter2 of root',
  matches: [{ field: 'event.action', value: 'x', leaf: 'secret rule' }],
  ...more,
});
const all = () => true;

describe('what somebody is shown', () => {
  it('is what was done where, from where and when, once each', () => {
    const things = seenThings(
      [
        event({ action: 'file_downloaded', product: 'Slack', host: 'lap-7.example.com', sourceIp: '192.0.2.7', timestamp: 3_000 }),
        event({ action: 'file_downloaded', product: 'Slack', host: 'lap-7.example.com', sourceIp: '192.0.2.7', timestamp: 2_000 }),
        event({ action: 'user-login', outcome: 'failure', sourceIp: '2001:db8::7', timestamp: 1_000 }),
      ],
      all,
    );
    expect(things).toEqual([
      {
        what: 'user login (it did not succeed)',
        system: undefined,
        device: undefined,
        address: '2001:db8::7',
        firstAt: 1_000,
        lastAt: 1_000,
      },
      { what: 'file downloaded', system: 'Slack', device: 'lap-7', address: '192.0.2.7', firstAt: 2_000, lastAt: 3_000 },
    ]);
  });

  it('is nothing that others did', () => {
    expect(seenThings([event({ user: 'bob' }), event({ user: '' })], (user) => user === 'alice')).toEqual([]);
  });

  it('holds no link, no markup and no message, whatever an event says', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('https://evil.example.net/a', 'www.evil.example.net', '<b>x</b>', 'a@b.example', '::ffff:1.2.3.4', 'x\r\nBcc: y'),
    );
    fc.assert(
      fc.property(hostile, hostile, hostile, hostile, (action, product, host, sourceIp) => {
        const text = JSON.stringify(
          seenThings([event({ action, product, host, sourceIp })], all).map(({ what, system, device }) => [what, system, device]),
        );
        expect(text).not.toMatch(/hunter2|secret rule|:\/\/|www\.|[<>@\r\n]/);
      }),
      { seed: propertySeed },
    );
  });
});
