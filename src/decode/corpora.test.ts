import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decode } from './decode.ts';

/** 655 lines as devices of some 150 vendors send them (Splunk Connect for Syslog), where they lie beside the checkout. */
const file = new URL('../../../shared/corpora/syslog/sc4s_vendor_syslog.jsonl', import.meta.url);
const present = existsSync(file);
if (!present) process.stderr.write(`SKIPPED: vendor lines, as ${file.pathname} is not there\n`);

interface Template {
  readonly id: string;
  readonly input_template: string;
  readonly is_cef: boolean;
  readonly is_leef: boolean;
}

const receivedAt = Date.parse('2026-07-27T09:12:30Z');
const HOST = 'host-a1';

const FILL: Readonly<Record<string, string>> = {
  mark: '<134>',
  bsd: 'Jul 27 09:12:00',
  bsdyear: 'Jul 27 09:12:00 2026',
  iso: '2026-07-27T09:12:00.123456',
  iso_header: '2026-07-27T09:12:00.123',
  timestamp: '2026-07-27T09:12:00.123Z',
  arubadate: 'Jul 27 09:12:00 2026',
  aruba_time: 'Jul 27 09:12:00',
  ucm_time: 'Jul 27 2026 09:12:00 AM',
  avi_time: '09:12:00,123',
  date: '2026-07-27',
  time: '09:12:00',
  year: '2026',
  tzoffset: '+00:00',
  tzname: 'UTC',
  millisec: '123',
  microsec: '123456',
  epoch: '1785143520',
  host: HOST,
  hostname: HOST,
  pid: '4711',
  app: 'appd',
  node_id: 'RP/0/RP0/CPU0',
  seq: '000123',
};

const filled = (template: string): string => template.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => FILL[name] ?? name);

const templates: readonly Template[] = present
  ? readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  : [];

const decoded = (template: Template) =>
  decode({ seq: 1, receivedAt, source: 'sc4s', origin: { transport: 'tcp' }, bytes: Buffer.from(filled(template.input_template)) });

/** Templates whose time stands where a header has it. */
const TIMED = /^\{\{\s*mark\s*\}\}\s*1?\s*\{\{\s*(?:bsd|bsdyear|iso|iso_header|timestamp|arubadate|aruba_time)\s*\}\}/;
const HOSTED = new RegExp(`${TIMED.source}(?:Z)?\\s*\\{\\{\\s*host\\s*\\}\\}\\s`);

describe.skipIf(!present)('vendor lines', () => {
  it('are all there', () => {
    expect(templates.length).toBe(655);
  });

  it.each(templates.filter(({ is_cef }) => is_cef).map((one) => [one.id, one] as const))('CEF: %s', (_, one) => {
    expect(decoded(one)).toMatchObject({ format: 'cef', notes: [] });
  });

  it.each(templates.filter(({ is_leef }) => is_leef).map((one) => [one.id, one] as const))('LEEF: %s', (_, one) => {
    expect(decoded(one)).toMatchObject({ format: 'leef', leef: { vendor: expect.stringMatching(/\w/) } });
  });

  it('give their time', () => {
    const timed = templates.filter(({ input_template }) => TIMED.test(input_template));
    expect(timed.length).toBeGreaterThan(500);
    const missed = timed.filter((one) => Math.abs((decoded(one).syslog?.timestamp ?? 0) - Date.parse('2026-07-27T09:12:00Z')) > 1000);
    expect(missed.map(({ id }) => id)).toEqual([]);
  });

  it('give their host', () => {
    const hosted = templates.filter(({ input_template }) => HOSTED.test(input_template));
    expect(hosted.length).toBeGreaterThan(350);
    expect(hosted.filter((one) => decoded(one).syslog?.hostname !== HOST).map(({ id }) => id)).toEqual([]);
  });

  it('have no notes but these', () => {
    const noted = templates.flatMap((one) => decoded(one).notes.map((note) => `${one.id.replace(/^sc4s:/, '')} ${note}`));
    const count = (note: string) => noted.filter((line) => line.endsWith(` ${note}`)).length;
    // Templates with a bare `$account_id` for a number, and one with a comma too many.
    expect(count('json_fault:json_syntax')).toBe(6);
    // One template ends inside its object.
    expect(count('json_fault:json_cut')).toBe(1);
    expect(count('truncated')).toBe(1);
    // "Jan  1 01:01:00" is not near any receive time in July.
    expect(count('bad_timestamp')).toBe(1);
    expect(noted.length).toBe(9);
  });
});
