import { describe, expect, it } from 'vitest';
import { parseCef } from '../formats/cef.ts';
import { parseCefTime } from '../formats/cef-time.ts';
import { cefLabeled, readCefValue } from '../formats/cef-value.ts';
import { splitJson } from '../formats/json.ts';
import { parseJsonObject } from '../formats/json-object.ts';
import { parseKeyValue } from '../formats/key-value.ts';
import { parseLeef } from '../formats/leef.ts';
import { leefTime } from '../formats/leef-time.ts';
import { parseSyslog } from '../formats/syslog.ts';
import { decode } from './decode.ts';
import { DECODERS } from './decoded.ts';

const receivedAt = Date.parse('2026-07-27T09:12:30Z');

/** What `decode` and whoever reads its result do with a message. Throws only if something in there does. */
function readAll(bytes: Buffer): void {
  const text = bytes.toString('utf8');
  parseSyslog(text, { receivedAt, timeZone: 'Europe/Berlin' });
  const cef = parseCef(text);
  if (cef.ok) {
    cefLabeled(cef.value.extension);
    for (const [key, value] of Object.entries(cef.value.extension)) readCefValue(key, value, { reference: receivedAt, timeZone: value });
  }
  const leef = parseLeef(text);
  if (leef.ok) leefTime(leef.value.attributes, { reference: receivedAt });
  parseKeyValue(text, { expected: true });
  parseJsonObject(text);
  parseCefTime(text, { reference: receivedAt });
  splitJson(bytes);
  for (const decoder of [undefined, ...DECODERS]) decodeAs(bytes, decoder);
}

function decodeAs(bytes: Buffer, decoder: string | undefined): void {
  const decoded = decode({ seq: 1, receivedAt, source: 'fuzz', origin: { transport: 'udp', ...(decoder && { decoder }) }, bytes });
  if (decoded.text.length > bytes.length) throw new Error('more text than bytes');
  JSON.stringify(decoded);
}

const VALID: readonly string[] = [
  '<134>1 2026-07-27T09:12:00.003Z host app 111 ID47 [ex@32473 iut="3" a="x \\"y\\" \\]"][empty] CEF:0|Example|Vault|1|7|Name \\| x|5|rt=1785143520000 src=192.0.2.1 cs1Label=Why cs1=be\\=cause msg=a=b c\\nd',
  '<34>Jul 27 09:12:00 host sshd[42]: Accepted publickey for alice from 192.0.2.1 port 22 ssh2',
  '<189>22191: sw1: 022546: .Jul 27 09:12:00.123 CDT: %SYS-5-CONFIG_I: Configured from console',
  '<13>Jul 27 2026 09:12:00 host LEEF:2.0|V|P|1|id|0x5E|devTime=20260727091200^devTimeFormat=yyyyMMddHHmmss^usrName=alice^src=192.0.2.1',
  '<189>date=2026-07-27 time=09:12:00 devname="fw1" msg="Administrator \\"alice\\" logged in" user=\'x\' n= ok=1',
  '{"id":12345678901234567890,"__proto__":{"x":[1,2,{"y":"\\u005f\\ud800"}]},"n":-1.5e3,"s":"a\\"b"}',
  '[{"a":1},{"b":[2,"]"]}]\n{"c":null}',
  '|CEF: 0|MT4|Segura|3.27|336.501|UPDATE|9|suser=root duid=35 Cs6Label=L Cs6=v rt=Jul 27 2026 09:12:00.123 CEST|',
];

/** Mulberry32: the same seed gives the same run. */
function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const SPICE = [
  '|',
  '\\',
  '=',
  ' ',
  '"',
  '\0',
  '\n',
  '[',
  ']',
  '{',
  '}',
  ':',
  '<',
  '>',
  '-',
  'CEF:',
  'LEEF:2.0|',
  '<1>1 ',
  '\ufeff',
  '__proto__=',
  '%',
  '\t',
];

function mutated(next: () => number): Buffer {
  const pick = (below: number) => Math.floor(next() * below);
  let bytes = Buffer.from(VALID[pick(VALID.length)] ?? '');
  for (let times = 1 + pick(6); times > 0; times -= 1) {
    const at = pick(bytes.length + 1);
    switch (pick(7)) {
      case 0:
        if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << pick(8));
        break;
      case 1:
        bytes = bytes.subarray(0, at);
        break;
      case 2:
        bytes = bytes.subarray(at);
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(VALID[pick(VALID.length)] ?? '')]);
        break;
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(SPICE[pick(SPICE.length)] ?? ''), bytes.subarray(at)]);
        break;
      case 5:
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.alloc(pick(300), SPICE[pick(SPICE.length)] ?? ''), bytes.subarray(at)]);
        break;
      default:
        bytes = Buffer.concat([bytes.subarray(at), bytes.subarray(0, at)]);
    }
  }
  return Buffer.from(bytes);
}

describe('mutated messages', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('never throw (seed %i)', (seed) => {
    const next = random(seed);
    for (let run = 0; run < 800; run += 1) {
      const bytes = mutated(next);
      try {
        readAll(bytes);
      } catch (error) {
        throw new Error(`seed ${seed}, run ${run}: ${JSON.stringify(bytes.toString('latin1'))}`, { cause: error });
      }
    }
  });
});

/** A front and what is repeated behind it: what would cost square time if a reader went back or began anew. */
const HOSTILE: readonly (readonly [front: string, repeated: string, end?: string])[] = [
  ['CEF:0|a|b|c|d|e|5|', '='],
  ['CEF:0|a|b|c|d|e|5|', 'a='],
  ['CEF:0|a|b|c|d|e|5|', 'a.,'],
  ['CEF:0|a|b|c|d|e|5|k=', 'a,,,,'],
  ['CEF:0|a|b|c|d|e|5|k=', ' x,y='],
  ['CEF:0|a|b|c|d|e|5|', 'a=\\ '],
  ['CEF:0|a|b|c|d|e|5|a=', '\\'],
  ['CEF:0|', '\\|'],
  ['CEF:0|', '\\\\\\|'],
  ['CEF:0|a|b|c|d|e|', 'x|'],
  ['', 'CEF:'],
  ['', 'CEF: '],
  ['', 'CEF:0'],
  ['|', '|CEF:'],
  ['LEEF:1.0|a|b|c|d|', 'a\t'],
  ['LEEF:1.0|a|b|c|d|', 'a=\t'],
  ['LEEF:2.0|a|b|c|d|', '=x'],
  ['LEEF:1.0|', '\\|'],
  ['', 'a="x '],
  ['', 'a="x\\" '],
  ['', 'a=\'x b="y '],
  ['', 'a="'],
  ['', '" = '],
  ['a', ' '],
  ['a=', ' ', '='],
  ['', ' ='],
  ['', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa='],
  ['<34>1 - - - - - ', '['],
  ['<34>1 - - - - - ', '[a b="c"]'],
  ['<34>1 - - - - - [a', ' b="c"'],
  ['<34>1 - - - - - [a b="', '\\"'],
  ['<34>1 - - - - - [a', ' '],
  ['<34>', ' '],
  ['<34>', '<34>'],
  ['<34>Jul 27 09:12:00 ', 'a'],
  ['<34>Jul 27 09:12:00 host ', 'a:'],
  ['<34>', 'a: '],
  ['<34>', '12: '],
  ['<34>Jul 27 09:12:00 host a[', ']'],
  ['Jul 27 ', '0'],
  ['', '1'],
  ['2026-07-27T09:12:00.', '1'],
  ['{"a":', '['],
  ['', '{"a":'],
  ['', '{"a":1}'],
  ['{"a":"', '\\'],
  ['', '"'],
  ['', '"\\'],
  ['', '\n{'],
  ['', '[1]\n'],
  ['', '\0'],
];

/**
 * Counts the characters that the string methods look at while something runs. What is native and linear by itself (`slice`, `JSON.parse`) does not
 * count but for the call; a search counts what it passes.
 */
function work(run: () => void): number {
  let count = 0;
  const own = { ...Object.getOwnPropertyDescriptors(String.prototype) };
  const { charCodeAt, indexOf, includes, replace } = String.prototype;
  const passed = (text: string, from: number | undefined, found: number) =>
    (found < 0 ? text.length - (from ?? 0) : found - (from ?? 0)) + 1;
  const patched = {
    charCodeAt(this: string, at: number) {
      count += 1;
      return charCodeAt.call(this, at);
    },
    indexOf(this: string, search: string, from?: number) {
      const found = indexOf.call(this, search, from);
      count += passed(this, from, found);
      return found;
    },
    includes(this: string, search: string, from?: number) {
      count += passed(this, from, indexOf.call(this, search, from));
      return includes.call(this, search, from);
    },
    replace(this: string, ...parameters: Parameters<typeof replace>) {
      count += this.length;
      return replace.apply(this, parameters);
    },
  };
  Object.assign(String.prototype, patched);
  try {
    run();
  } finally {
    Object.defineProperties(String.prototype, own);
  }
  return count;
}

const hostile = (size: number, [front, repeated, end = '']: readonly [string, string, string?]): Buffer =>
  Buffer.from(front + repeated.repeat(Math.ceil(size / repeated.length)) + end);

describe('hostile messages', () => {
  it.each(HOSTILE.map((one) => [`${one[0]}(${JSON.stringify(one[1])})*`, one] as const))(
    '%s: four times the length costs four times the work',
    (_, one) => {
      const small = hostile(20_000, one);
      const great = hostile(80_000, one);
      const least = work(() => readAll(small));
      const most = work(() => readAll(great));
      // Four times the length: four times the work, and a little for what does not grow. Square work would be sixteen times.
      expect(most / least).toBeLessThan(5);
    },
  );

  it.each(HOSTILE.map((one) => [`${one[0]}(${JSON.stringify(one[1])})*`, one] as const))(
    '%s: a megabyte is read',
    (_, one) => {
      const bytes = hostile(1_000_000, one);
      decodeAs(bytes, undefined);
      splitJson(bytes);
    },
    // For what the count does not see (regular expressions, objects with very many keys): generous, as machines differ.
    20_000,
  );
});

it('counts the work it means to count', () => {
  expect(work(() => 'aaaa='.indexOf('='))).toBe(5);
  expect(work(() => 'abc'.charCodeAt(1))).toBe(1);
  expect('abc'.charCodeAt(1)).toBe(98);
});
