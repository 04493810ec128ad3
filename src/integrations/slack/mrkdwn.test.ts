import { describe, expect, it } from 'vitest';
import { localTime, plain } from './mrkdwn.ts';

describe('text of events in mrkdwn', () => {
  it.each([
    [
      'names stay as they are',
      'svc_backup CORP\\j.silva+x@example.com 2001:db8::1 12:00:00',
      'svc_backup CORP\\j.silva+x@example.com 2001:db8::1 12:00:00',
    ],
    ['entities', 'a<b>&c', 'a&lt;b&gt;&amp;c'],
    ['mentions', '<!here> @channel', '&lt;!here&gt; ＠channel'],
    ['formats', '*a* ~b~ `c` _d_', '∗a∗ ∼b∼ ˋcˋ ＿d＿'],
    ['emoji', ':white_check_mark: ok', '∶white_check_mark: ok'],
    ['line ends and controls', 'a\r\nb\tc\u0000d\u2028e', 'a b c d e'],
    ['bidirectional and zero-width controls', 'a\u202Eb\u2066c\u200Bd\uFEFFe\u{E0041}f', 'abcdef'],
    ['unpaired surrogates', 'a\uD800b', 'a\uFFFDb'],
  ])('%s', (_, text, expected) => {
    expect(plain(text, 200)).toBe(expected);
  });

  it('is cut before it is escaped, so that no entity is', () => {
    expect(plain('<<<<', 3)).toBe('&lt;&lt;…');
  });
});

describe('times', () => {
  it('are shown in the zone of the reader, and hold any number', () => {
    expect(localTime(Date.UTC(2026, 0, 1, 12))).toBe('<!date^1767268800^{date_num} {time_secs}|2026-01-01 12:00:00 UTC>');
    expect(localTime(1e18)).toContain('9999-12-31');
  });
});
