import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSyslog } from './syslog.ts';
import { formatSyslog3164, formatSyslog5424 } from './syslog-format.ts';

const receivedAt = Date.parse('2026-07-27T09:12:30Z');
const parse = (text: string, timeZone?: string) => parseSyslog(text, { receivedAt, timeZone });
const at = (text: string) => Date.parse(text);

describe('RFC 5424', () => {
  const TIME = '2026-07-27T09:12:00Z';
  const timed = { timestamp: at(TIME), timestampText: TIME };
  it('reads everything', () => {
    const text = `<165>1 2026-07-27T11:12:00.003+02:00 host app 111 ID47 [ex@32473 iut="3" a="x \\"y\\" \\\\ \\] \\z"][empty] \ufeffHello: world`;
    expect(parse(text)).toStrictEqual({
      form: 'rfc5424',
      facility: 20,
      severity: 5,
      version: 1,
      timestamp: at('2026-07-27T09:12:00.003Z'),
      timestampText: '2026-07-27T11:12:00.003+02:00',
      hostname: 'host',
      appName: 'app',
      procId: '111',
      msgId: 'ID47',
      structuredData: { 'ex@32473': { iut: '3', a: 'x "y" \\ ] \\z' }, empty: {} },
      message: 'Hello: world',
    });
  });

  it.each([
    ['nil everywhere', '<10>1 - - - - - -', { severity: 2, message: '' }],
    ['no message', `<10>1 ${TIME} h a p m -`, { ...timed, hostname: 'h', appName: 'a', procId: 'p', msgId: 'm', message: '' }],
    ['several lines', '<1>1 - - - - - - x\ny', { message: 'x\ny' }],
    ['an IPv6 host', '<1>1 - 2001:db8::1 a - - - x', { hostname: '2001:db8::1', appName: 'a', message: 'x' }],
    ['a bare ] in quotes', '<1>1 - h a - - [id k="]"] x', { structuredData: { id: { k: ']' } }, message: 'x' }],
    ['blanks around = in SD', '<1>1 - h a - - [id k= "v"] x', { structuredData: { id: { k: 'v' } }, message: 'x' }],
    ['equal SD-IDs', '<1>1 - h a - - [id a="1"][id a="2" b="3"] x', { structuredData: { id: { a: '2', b: '3' } } }],
    ['SD that breaks off', '<1>1 - h a 12 - [id k="v', { appName: 'a', procId: '12', message: '[id k="v' }],
    ['SD without a name', '<1>1 - h a 12 - [ ] x', { appName: 'a', message: '[ ] x' }],
    [
      'a time that no calendar has',
      '<1>1 2026-02-30T09:12:00Z h a - - - x',
      { timestampText: '2026-02-30T09:12:00Z', hostname: 'h', appName: 'a' },
    ],
    ['a time of 1970', '<1>1 1970-01-01T00:00:00Z h a - - - x', { timestampText: '1970-01-01T00:00:00Z', hostname: 'h' }],
    ['a time of next week', '<1>1 2026-08-03T00:00:00Z h a - - - x', { timestampText: '2026-08-03T00:00:00Z', hostname: 'h' }],
    [
      'an epoch',
      '<1>1 1785143520.123456789 h flows src=1',
      { timestamp: at('2026-07-27T09:12:00.123Z'), hostname: 'h', message: 'flows src=1' },
    ],
    ['no VERSION', `<1>${TIME} h a 12 - [id k="v"] x`, { ...timed, procId: '12', structuredData: { id: { k: 'v' } }, message: 'x' }],
    [
      'no SD (Segura)',
      `<13>1 ${TIME} vm vault 1426 - Successfully done.`,
      { appName: 'vault', procId: '1426', message: 'Successfully done.' },
    ],
    [
      'no MSGID and no SD',
      `<13>1 ${TIME} vm vault 1426 Successfully done.`,
      { appName: 'vault', procId: '1426', message: 'Successfully done.' },
    ],
    ['CEF behind the host', `<13>1 ${TIME} vm CEF:0|a|b|1|2|n|5|x=y`, { hostname: 'vm', message: 'CEF:0|a|b|1|2|n|5|x=y' }],
    ['CEF behind the time', `<13>1 ${TIME} CEF:0|a|b|1|2|n|5|x=y`, { ...timed, message: 'CEF:0|a|b|1|2|n|5|x=y' }],
    ['LEEF behind the app', `<13>1 ${TIME} vm app LEEF:1.0|a|b|1|2|`, { appName: 'app', message: 'LEEF:1.0|a|b|1|2|' }],
    ['JSON behind a MSGID without SD', `<13>1 ${TIME} vm app 12 id {"a":1}`, { msgId: 'id', message: '{"a":1}' }],
    ['a tag for an app', `<13>1 ${TIME} vm log[7]: ION="x y"`, { appName: 'log', procId: '7', message: 'ION="x y"' }],
    ['an app with a colon', `<13>1 ${TIME} vm Pulse: - - - ive`, { appName: 'Pulse', message: 'ive' }],
  ])('%s', (_, text, expected) => {
    expect(parse(text)).toMatchObject({ form: 'rfc5424', ...expected });
  });

  it('leaves a time out that cannot be, and keeps its text', () => {
    expect(parse('<1>1 1970-01-01T00:00:00Z h a - - - x')).not.toHaveProperty('timestamp');
    expect(parse('<1>1 2026-08-03T00:00:00Z h a - - - x')).not.toHaveProperty('timestamp');
    expect(parse('<1>1 2026-07-29T09:00:00Z h a - - - x')).toHaveProperty('timestamp');
  });

  it.each(['<1>5 A', '<1000>1 - - - - - -', '<192>1 - - - - - -', '<1>0 - - - - - -', '122 - - - - - -', '<1>1'])(
    'does not see it in %j',
    (text) => {
      expect(parse(text)?.form).not.toBe('rfc5424');
    },
  );

  it('keeps a parameter named __proto__', () => {
    const data = parse('<1>1 - h a - - [__proto__ __proto__="x"] m')?.structuredData ?? {};
    expect(Object.keys(data)).toEqual(['__proto__']);
  });
});

describe('RFC 3164 and its kin', () => {
  const PLAIN = { timestamp: at('2026-07-27T09:12:00Z'), timestampText: 'Jul 27 09:12:00' };
  it.each([
    [
      'the classic',
      '<34>Jul 27 09:12:00 host su: failed',
      { ...PLAIN, facility: 4, severity: 2, hostname: 'host', appName: 'su', message: 'failed' },
    ],
    ['a process', '<34>Jul 27 09:12:00 host sshd[42]: failed', { hostname: 'host', appName: 'sshd', procId: '42', message: 'failed' }],
    ['no PRI', 'Jul 27 09:12:00 host sshd[42]: failed', { ...PLAIN, hostname: 'host', appName: 'sshd', message: 'failed' }],
    ['no host', '<34>Jul 27 09:12:00 haproxy[7]: up', { ...PLAIN, appName: 'haproxy', procId: '7', message: 'up' }],
    ['no tag', '<34>Jul 27 09:12:00 host Use the force', { hostname: 'host', message: 'Use the force' }],
    ['no time', '<34>sshd[42]: failed', { appName: 'sshd', procId: '42', message: 'failed' }],
    ['nothing but PRI', '<34>hello there', { message: 'hello there' }],
    ['nothing behind PRI', '<34>', { message: '' }],
    ['a year behind the day', '<34>Jul 27 2026 09:12:00 host su: x', { timestamp: PLAIN.timestamp, hostname: 'host', appName: 'su' }],
    ['a year behind the time', '<34>Jul 27 09:12:00 2026 host su: x', { timestamp: PLAIN.timestamp, hostname: 'host', appName: 'su' }],
    ['a fraction', '<34>Jul 27 09:12:00.123456 host su: x', { timestamp: PLAIN.timestamp + 123, hostname: 'host' }],
    ['a zone', '<34>Jul 27 11:12:00 CEST host su: x', { timestamp: PLAIN.timestamp, hostname: 'host', appName: 'su' }],
    ['an offset', '<34>Jul 27 11:12:00+02:00 host su: x', { timestamp: PLAIN.timestamp, hostname: 'host' }],
    ['a host that looks like nothing else', '<34>Jul 27 09:12:00 Z-1 su: x', { hostname: 'Z-1', appName: 'su' }],
    ['an ISO time', '<34>2026-07-27T09:12:00Z host su: x', { timestamp: PLAIN.timestamp, hostname: 'host', appName: 'su' }],
    ['an ISO time with a blank', '<34>2026-07-27 09:12:00,5 host su: x', { timestamp: PLAIN.timestamp + 500, hostname: 'host' }],
    ['a level before the tag', '<34>Jul 27 09:12:00 host notice mcpd[1]: x', { hostname: 'host', appName: 'mcpd', message: 'x' }],
    ['a facility and level before the host', '<34>Jul 27 09:12:00 user.info host authp: x', { hostname: 'host', appName: 'authp' }],
    ['an IPv4 host with a colon', '<34>Jul 27 09:12:00 192.0.2.1: %ACE-3-1: x', { hostname: '192.0.2.1', appName: '%ACE-3-1' }],
    ['an IPv6 host', '<34>Jul 27 09:12:00 2001:db8::1 su: x', { hostname: '2001:db8::1', appName: 'su' }],
    ['a path for a tag', '<34>Jul 27 09:12:00 host /usr/sbin/cron[9]: x', { hostname: 'host', appName: '/usr/sbin/cron', procId: '9' }],
    ['VERSION and a time of RFC 3164', '<34>1 Jul 27 09:12:00 host su: x', { ...PLAIN, hostname: 'host', appName: 'su' }],
    ['CEF behind the host', '<34>Jul 27 09:12:00 host CEF:0|a|', { hostname: 'host', message: 'CEF:0|a|' }],
    ['CEF behind the time', '<34>Jul 27 09:12:00 CEF:0|a|', { ...PLAIN, message: 'CEF:0|a|' }],
    ['CEF behind a tag', '<34>Jul 27 09:12:00 host named[1]: CEF:0|a|', { appName: 'named', message: 'CEF:0|a|' }],
    ['CEF behind a nil process', '<34>Jul 27 09:12:00 host vectra -: CEF:0|a|', { appName: 'vectra', message: 'CEF:0|a|' }],
    ['pairs without a header', '<34>date=2026-07-27 devname="x"', { message: 'date=2026-07-27 devname="x"' }],
    ['a word before pairs', '<34>Jul 27 09:12:00 fw date=2026-07-27', { hostname: 'fw', message: 'date=2026-07-27' }],
    ['JSON behind the tag', '<34>Jul 27 09:12:00 host app:{"a":1}', { appName: 'app', message: '{"a":1}' }],
    ['kernel marks', '<4>Jul 27 09:12:00 host kernel: [1.2] IN=eth0', { appName: 'kernel', message: '[1.2] IN=eth0' }],
  ])('%s', (_, text, expected) => {
    expect(parse(text)).toMatchObject({ form: 'rfc3164', ...expected });
  });

  const CISCO = { appName: '%SYS-5-CONFIG_I', message: 'Configured' };
  it.each([
    ['a star', '<189>*Jul 27 09:12:00.123 UTC: %SYS-5-CONFIG_I: Configured', { timestamp: PLAIN.timestamp + 123 }],
    ['a point', '<189>.Jul 27 09:12:00: %SYS-5-CONFIG_I: Configured', PLAIN],
    ['a sequence number', '<189>000123: Jul 27 09:12:00: %SYS-5-CONFIG_I: Configured', PLAIN],
    ['a number and a host', '<189>22191: sw1: 022546: *Jul 27 09:12:00: %SYS-5-CONFIG_I: Configured', { ...PLAIN, hostname: 'sw1' }],
    ['a host', '<189>sw1: Jul 27 09:12:00: %SYS-5-CONFIG_I: Configured', { ...PLAIN, hostname: 'sw1' }],
    ['the year first', '<189>: 2026 Jul 27 09:12:00 UTC: %SYS-5-CONFIG_I: Configured', { timestamp: PLAIN.timestamp }],
    ['a path (IOS XR)', '<189>RP/0/RP0/CPU0:Jul 27 09:12:00: %SYS-5-CONFIG_I: Configured', { ...PLAIN, hostname: 'RP/0/RP0/CPU0' }],
    ['a time since the start', '<189>sw1: 00:01:01: %SYS-5-CONFIG_I: Configured', { hostname: 'sw1' }],
    ['weeks since the start', '<189>12: 1w2d: %SYS-5-CONFIG_I: Configured', {}],
    ['a host and a colon (ASA)', '<189>Jul 27 09:12:00 asa1 : %SYS-5-CONFIG_I: Configured', { ...PLAIN, hostname: 'asa1' }],
  ])('Cisco: %s', (_, text, expected) => {
    expect(parse(text)).toMatchObject({ form: 'rfc3164', ...CISCO, ...expected });
  });

  it.each(['', 'hello', 'not much of a syslog message', '{"a":1}', 'CEF:0|a|b|c|d|e|5|', '<abc>x', '<34', '12:00:00 x'])(
    'is not in %j',
    (text) => {
      expect(parse(text)).toBeUndefined();
    },
  );

  it('takes a word behind an ISO time of a file for a host only where a tag follows', () => {
    expect(parse('2026-07-27T09:12:00Z host sshd[1]: x')).toMatchObject({ hostname: 'host', appName: 'sshd' });
    expect(parse('2026-07-27 09:12:00 INFO started')).toMatchObject({ timestamp: PLAIN.timestamp, message: 'INFO started' });
    expect(parse('2026-07-27 09:12:00 INFO started')).not.toHaveProperty('hostname');
  });

  it('reads a time without a zone in the zone of the sender', () => {
    expect(parse('<34>Jul 27 11:12:00 host su: x', 'Europe/Berlin')?.timestamp).toBe(PLAIN.timestamp);
    expect(parse('<34>Jul 27 09:12:00 host su: x', 'No/Where')?.timestamp).toBe(PLAIN.timestamp);
  });

  it('leaves a time out that would be in the future', () => {
    expect(parse('<34>Aug 15 09:12:00 host su: x')).toMatchObject({ timestampText: 'Aug 15 09:12:00', hostname: 'host' });
    expect(parse('<34>Aug 15 09:12:00 host su: x')).not.toHaveProperty('timestamp');
  });

  it('takes the year that brings the time nearest', () => {
    const january = Date.parse('2027-01-01T00:00:10Z');
    const read = parseSyslog('<34>Dec 31 23:59:50 host su: x', { receivedAt: january });
    expect(read?.timestamp).toBe(at('2026-12-31T23:59:50Z'));
  });
});

describe('writing', () => {
  const word = (pattern: RegExp) => fc.stringMatching(pattern).filter((text) => text !== '-' && !/^(CEF|LEEF):|^[{|]|:$/.test(text));
  const text = fc.string({ unit: 'grapheme' }).filter((value) => !/^[ \t\ufeff]|^$/.test(value));
  const pri = { facility: fc.nat(23), severity: fc.nat(7) };
  const time = fc.integer({ min: Date.parse('1991-01-01'), max: receivedAt });

  it('RFC 5424 is read back', () => {
    const name = fc.stringMatching(/^[a-z@0-9_.]{1,32}$/);
    const data = fc.dictionary(name, fc.dictionary(name, fc.string({ unit: 'grapheme' }), { noNullPrototype: true }), {
      noNullPrototype: true,
      minKeys: 1,
    });
    const fields = {
      timestamp: time,
      hostname: word(/^[!-~]{1,255}$/),
      appName: word(/^[!-~]{1,48}$/),
      procId: word(/^[!-~]{1,128}$/),
      msgId: word(/^[!-~]{1,32}$/),
      structuredData: data,
    };
    const message = fc.record(
      { form: fc.constant('rfc5424' as const), version: fc.constant(1), ...pri, ...fields, message: text },
      {
        requiredKeys: ['form', 'version', 'facility', 'severity', 'message'],
      },
    );
    fc.assert(
      fc.property(message, (value) => {
        const { timestampText: _, ...read } = parse(formatSyslog5424(value)) ?? {};
        expect(read).toEqual(value);
      }),
    );
  });

  it('RFC 3164 is read back, to the second', () => {
    const recent = fc.integer({ min: receivedAt - 150 * 86_400_000, max: receivedAt }).map((value) => Math.floor(value / 1000) * 1000);
    const message = fc.record({
      form: fc.constant('rfc3164' as const),
      ...pri,
      timestamp: recent,
      hostname: fc.stringMatching(/^[a-z][a-z0-9.-]{0,20}[a-z0-9]$/),
      appName: fc.stringMatching(/^[a-z][a-z0-9_/.-]{0,20}$/),
      procId: fc.stringMatching(/^[1-9][0-9]{0,5}$/),
      message: text,
    });
    fc.assert(
      fc.property(message, fc.constantFrom('UTC', 'Asia/Tokyo', 'America/Lima'), (value, timeZone) => {
        const { timestampText: _, ...read } = parse(formatSyslog3164(value, timeZone), timeZone) ?? {};
        expect(read).toEqual(value);
      }),
    );
  });

  it('lets nothing out of its field', () => {
    const hostile = {
      form: 'rfc5424' as const,
      hostname: 'a b\n<1>1',
      appName: 'x]: y',
      procId: '[1]: ',
      message: 'm',
      timestamp: receivedAt,
    };
    expect(formatSyslog5424(hostile)).toBe('<13>1 2026-07-27T09:12:30.000Z a_b_<1>1 x]:_y [1]:_ - - m');
    expect(formatSyslog3164(hostile)).toBe('<13>Jul 27 09:12:30 a_b__1_1 x___y[_1___]: m');
  });
});

it('never throws', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parse(text)));
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parse(`<34>1 ${text}`)));
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parse(`<34>Jul 27 09:12:00 ${text}`)));
  fc.assert(fc.property(fc.stringMatching(/^[[\]"\\= a-]*$/), (text) => void parse(`<34>1 - - - - - ${text}`)));
});
