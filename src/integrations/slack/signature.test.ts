import { describe, expect, it } from 'vitest';
import { Secret } from '../../lib/secret.ts';
import { isSigned } from './signature.ts';

/** The example of docs.slack.dev, "Verifying requests from Slack". */
const SECRET = new Secret('8f742231b10e8888abcd99yyyzzz85a5');
const AT = 1_531_420_618;
const BODY =
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
const SIGNATURE = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503';

interface Signed {
  readonly at?: string | string[];
  readonly signature?: string;
  readonly body?: string;
  readonly secret?: Secret;
  readonly now?: number;
}

const check = ({ at = `${AT}`, signature = SIGNATURE, body = BODY, secret = SECRET, now = AT * 1_000 }: Signed = {}) =>
  isSigned({ 'x-slack-request-timestamp': at as string, 'x-slack-signature': signature }, Buffer.from(body), secret, now);

describe("Slack's signature", () => {
  it('holds for the documented example, five minutes to either side', () => {
    expect(check()).toBe(true);
    expect(check({ now: (AT + 300) * 1_000 })).toBe(true);
    expect(check({ now: (AT - 300) * 1_000 })).toBe(true);
  });

  it.each<readonly [string, Signed]>([
    ['another body', { body: `${BODY}&` }],
    ['another secret', { secret: new Secret('other') }],
    ['another time than was signed', { at: `${AT + 1}` }],
    ['a recording', { now: (AT + 301) * 1_000 }],
    ['a time that is still to come', { now: (AT - 301) * 1_000 }],
    ['no version', { signature: SIGNATURE.slice(3) }],
    ['another version', { signature: SIGNATURE.replace('v0', 'v1') }],
    ['a part of it', { signature: SIGNATURE.slice(0, -2) }],
    ['more of it', { signature: `${SIGNATURE}00` }],
    ['what is no number', { signature: `v0=${'z'.repeat(64)}` }],
    ['nothing', { signature: '' }],
    ['a time that is none', { at: '1e9' }],
    ['two times', { at: [`${AT}`, `${AT}`] }],
  ])('does not hold for %s', (_, signed) => {
    expect(check(signed)).toBe(false);
  });

  it('does not hold without headers', () => {
    expect(isSigned({}, Buffer.from(BODY), SECRET, AT * 1_000)).toBe(false);
  });
});
