import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseCef } from './cef.ts';
import { cefLabeled } from './cef-value.ts';
import { parseSyslog } from './syslog.ts';

/**
 * Published parsers' own test cases, where they lie beside the checkout. Where we read a line otherwise, the case stands in a table here with the
 * reason; a case that is in a table and agrees after all fails too, so the tables stay true.
 */
const folder = new URL('../../../shared/corpora/', import.meta.url);
const present = existsSync(folder);
if (!present) process.stderr.write(`SKIPPED: conformance with published parsers, as ${folder.pathname} is not there\n`);

interface Case {
  readonly id: string;
  readonly input: string;
  readonly valid?: boolean;
  readonly assertions_ruby?: readonly string[];
  readonly expected: Readonly<Record<string, unknown>> | null;
}

const casesOf = (file: string): Case[] =>
  present
    ? readFileSync(new URL(file, folder), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    : [];

/** What of the expected is not as read: empty where both agree. */
function differences(expected: Readonly<Record<string, unknown>>, read: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(expected)
    .filter(([key, value]) => String(read[key]) !== String(value))
    .map(([key]) => key);
}

const QUOTES = 'VRL takes quotes off each value; we keep what was sent, and `readCefValue` takes them off';

const VRL_CEF: Readonly<Record<string, readonly [keys: string, reason: string]>> = {
  test_strip_quotes: ['src,spt,deviceVendor,name', QUOTES],
  test_unescaped_equals_in_url_value: ['request', QUOTES],
  test_extension_newline: ['msg', 'VRL reads `\\r` as a line feed; the standard says either, we read what is written'],
  missing_key: ['refused', 'a `=` without a key belongs to the value before; refusing would lose the whole event'],
  missing_custom_label: ['refused', 'a value without its label is still a value'],
  duplicate_value: ['refused', 'the last of equal keys wins; refusing would lose the whole event'],
};

describe.skipIf(!present)('CEF as VRL reads it', () => {
  it.each(casesOf('cef/vrl_parse_cef.jsonl').map((one) => [one.id.replace('vrl:parse_cef/', ''), one] as const))('%s', (id, one) => {
    const read = parseCef(one.input);
    const [allowed = ''] = VRL_CEF[id] ?? [];
    if (one.expected === null) {
      expect(read.ok).toBe(allowed === 'refused');
      return;
    }
    expect(read.ok).toBe(true);
    if (!read.ok) return;
    const { version, vendor, product, productVersion, classId, name, severity, extension } = read.value;
    const flat: Record<string, unknown> = {
      cefVersion: version,
      deviceVendor: vendor,
      deviceProduct: product,
      deviceVersion: productVersion,
      deviceEventClassId: classId,
      name,
      severity,
      ...extension,
      ...Object.fromEntries(cefLabeled(extension).map(({ label, value }) => [label, value])),
    };
    const partial = one.expected._partial;
    const expected = typeof partial === 'object' && partial !== null ? { ...partial } : one.expected;
    expect(differences(expected, flat).sort().join()).toBe(allowed.split(',').sort().join());
  });
});

/** Logstash's assertions are Ruby; the ones on plain extension keys can be read off. */
const assertedExtension = (one: Case): Record<string, string> =>
  Object.fromEntries(
    (one.assertions_ruby ?? []).flatMap((assertion) => {
      const match = /e(?:vent)?\.get\(["']\[?([\w.]+)\]?["']\) *\} *== *(["'])(.*)\2$/.exec(assertion);
      // In Ruby's quotes `\\` and `\=` stand for one character and two.
      return match === null ? [] : [[match[1], match[3]?.replaceAll('\\\\', '\\')]];
    }),
  );

const LOGSTASH: Readonly<Record<string, string>> = {
  // Extension "this is in the extensions space but it is not valid …": Logstash refuses the event.
  'message@L574': 'unkeyed',
};

/** Ruby code or interpolation in place of a line. */
const isRuby = (input: string) => input.startsWith('%Q') || input.startsWith("'") || input.includes('#{');

describe.skipIf(!present)('CEF as Logstash reads it', () => {
  const cases = casesOf('cef/logstash_cef_spec.jsonl').filter(({ input }) => !isRuby(input));
  it.each(cases.map((one) => [one.id.replace('logstash-cef:', ''), one] as const))('%s', (id, one) => {
    const read = parseCef(one.input);
    expect(read.ok).toBe(true);
    if (!read.ok) return;
    const known = new Set(Object.keys(read.value.extension));
    const asserted = Object.fromEntries(Object.entries(assertedExtension(one)).filter(([key]) => known.has(key)));
    expect(differences(asserted, read.value.extension)).toEqual([]);
    expect(Object.hasOwn(read.value, 'unkeyed')).toBe(LOGSTASH[id] === 'unkeyed');
    if (one.input.includes('src=10.0.0.192')) expect(read.value.extension.src).toBe('10.0.0.192');
    if (one.input.includes('spt=1232')) expect(read.value.extension.spt).toMatch(/^1232$/);
  });
});

const receivedAt = Date.parse('2026-07-27T09:12:00Z');

function fieldsOf(input: string): Record<string, unknown> | undefined {
  const read = parseSyslog(input, { receivedAt });
  return read === undefined
    ? undefined
    : {
        form: read.form,
        version: read.version,
        priority: read.facility === undefined ? undefined : read.facility * 8 + (read.severity ?? 0),
        facility: read.facility,
        severity: read.severity,
        timestamp: read.timestampText,
        hostname: read.hostname,
        appname: read.appName,
        procid: read.procId,
        msgid: read.msgId,
        message: read.message,
      };
}

/** Lines that go-syslog refuses, and that are no RFC 5424 for us either. */
const NOT_5424 = new Set(['0', '10', '12', '14', '18', '20', '22', '24', '26', '30', '32', '34', '147'].map((n) => `go-syslog-5424#${n}`));

describe.skipIf(!present)('RFC 5424 as go-syslog reads it', () => {
  it.each(casesOf('syslog/go_syslog_rfc5424.jsonl').map((one) => [one.id, one] as const))('%s', (id, one) => {
    const read = fieldsOf(one.input);
    if (one.valid === true) {
      expect(read?.form).toBe('rfc5424');
      const expected = { ...one.expected };
      // go-syslog keeps the byte order mark in the message; it says UTF-8 and is no text.
      if (typeof expected.message === 'string') expected.message = expected.message.replace(/^\ufeff/, '');
      expect(differences(expected, read ?? {})).toEqual([]);
      return;
    }
    // go-syslog refuses; we read what can be read of the header and keep the rest as message, so that nothing is lost.
    expect(read?.form === 'rfc5424').toBe(!NOT_5424.has(id));
    for (const name of ['hostname', 'appname', 'procid']) expect(String(read?.[name] ?? '')).not.toMatch(/\s/);
  });
});

const GO_3164: Readonly<Record<string, readonly [keys: string, reason: string]>> = {
  'go-syslog-3164#1': ['timestamp', 'written with two blanks in the line; the text is kept as it was written'],
};

describe.skipIf(!present)('RFC 3164 as go-syslog reads it', () => {
  it.each(casesOf('syslog/go_syslog_rfc3164.jsonl').map((one) => [one.id, one] as const))('%s', (id, one) => {
    expect(differences(one.expected ?? {}, fieldsOf(one.input) ?? {}).join()).toBe(GO_3164[id]?.[0] ?? '');
  });
});

const FACILITIES: Readonly<Record<string, number>> = { user: 1, local0: 16, local4: 20 };
const SEVERITIES: Readonly<Record<string, number>> = { err: 3, notice: 5 };

const VRL_SYSLOG: Readonly<Record<string, readonly [keys: string, reason: string]>> = {
  non_structured_data_in_message: ['appname,message', 'a word without a colon is no TAG (RFC 3164 section 5.3): it is message'],
};

describe.skipIf(!present)('syslog as VRL reads it', () => {
  it.each(casesOf('syslog/vrl_parse_syslog.jsonl').map((one) => [one.id.replace('vrl:parse_syslog/', ''), one] as const))(
    '%s',
    (id, one) => {
      const read = parseSyslog(one.input, { receivedAt });
      const partial = one.expected?._partial;
      if (typeof partial !== 'object' || partial === null) {
        expect(read).toBeUndefined();
        return;
      }
      const flat: Record<string, unknown> = { ...fieldsOf(one.input), ...Object.assign({}, ...Object.values(read?.structuredData ?? {})) };
      const expected: Record<string, unknown> = { ...partial };
      if (typeof expected.facility === 'string') expected.facility = FACILITIES[expected.facility];
      if (typeof expected.severity === 'string') expected.severity = SEVERITIES[expected.severity];
      expect(differences(expected, flat).sort().join()).toBe(VRL_SYSLOG[id]?.[0] ?? '');
    },
  );
});
