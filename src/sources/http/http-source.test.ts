import { createHmac, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { EarshotError } from '../../lib/errors.ts';
import type { Intake, RawBatch } from '../../model/record.ts';
import { silent } from '../../telemetry/telemetry.ts';
import { HttpSource } from './http-source.ts';
import { ByteBudget } from './read-body.ts';
import { httpSettings } from './settings.ts';

const NOW = Date.UTC(2026, 0, 31, 12);

class FakeIntake implements Intake {
  readonly batches: RawBatch[] = [];
  open = true;
  fail: Error | undefined;

  async append(batch: RawBatch) {
    if (this.fail) throw this.fail;
    const known = this.batches.find(({ key }) => key !== undefined && key === batch.key);
    if (known === undefined) this.batches.push(batch);
    const { messages, fingerprint } = known ?? batch;
    return { firstSeq: 1, count: messages.length, duplicate: known !== undefined, ...(fingerprint !== undefined && { fingerprint }) };
  }

  async whenOpen() {}

  get texts(): string[] {
    return this.batches.flatMap(({ messages }) => messages.map((message) => message.toString()));
  }
}

function make(settings: Record<string, unknown> = {}, budget = new ByteBudget(1e9)) {
  const intake = new FakeIntake();
  const source = new HttpSource({
    name: 'web',
    settings: httpSettings.parse({ type: 'http', ...settings }),
    intake,
    budget,
    telemetry: silent,
    now: () => NOW,
  });
  const post = (body: string | Buffer | Readable, headers: IncomingHttpHeaders = {}, token = 'sender', address = '192.0.2.7') =>
    source.receive({
      headers,
      body: body instanceof Readable ? body : Readable.from([Buffer.from(body)]),
      token,
      address,
    });
  return { intake, source, post };
}

const JSON_TYPE = { 'content-type': 'application/json' };

describe('what a body may be', () => {
  it.each([
    ['an object', '{"a": 1.0}', JSON_TYPE, ['{"a": 1.0}']],
    ['an array, each element with its own bytes', '[{"a":1.0},\n {"b" : "x"}]', JSON_TYPE, ['{"a":1.0}', '{"b" : "x"}']],
    ['NDJSON', '{"a":1}\n{"b":2}\n', { 'content-type': 'application/x-ndjson; charset=utf-8' }, ['{"a":1}', '{"b":2}']],
    ['a vendor JSON type', '{"a":1}', { 'content-type': 'application/cloudevents+json' }, ['{"a":1}']],
    ['lines', '<13>one\r\n\ntwo', { 'content-type': 'text/plain' }, ['<13>one', 'two']],
    ['CEF without a type', 'CEF:0|a|b|1|2|c|3|x=y\n', {}, ['CEF:0|a|b|1|2|c|3|x=y']],
    ['JSON without a type', ' {"a":1}', {}, ['{"a":1}']],
    ['lines that begin with a bracket', '[error] one\n[error] two', {}, ['[error] one', '[error] two']],
    ['nothing', '', {}, []],
  ])('%s', async (_, body, headers, expected) => {
    const { intake, post } = make();
    expect(await post(body, headers)).toEqual({ ok: true, value: { accepted: expected.length, duplicate: false } });
    expect(intake.texts).toEqual(expected);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['zstd', zstdCompressSync],
  ])('%s', async (encoding, pack) => {
    const { intake, post } = make();
    expect(await post(pack('one\ntwo'), { 'content-encoding': encoding })).toMatchObject({ ok: true });
    expect(intake.texts).toEqual(['one', 'two']);
  });

  it.each([
    ['bad JSON, with its line', '{"a":1}\n{"b":\n{"c":3}', JSON_TYPE, { status: 400, code: 'EAR_INGEST_BODY', line: 2 }],
    ['a form with files', 'a=b', { 'content-type': 'multipart/form-data' }, { status: 415 }],
    ['an unknown encoding', 'a', { 'content-encoding': 'br' }, { status: 415 }],
    ['a broken gzip', 'no gzip', { 'content-encoding': 'gzip' }, { status: 400 }],
    ['a cut gzip', gzipSync(randomBytes(1000)).subarray(0, 500), { 'content-encoding': 'gzip' }, { status: 400 }],
    ['a large body', 'x'.repeat(2001), {}, { status: 413 }],
    ['a gzip that grows beyond the bound', gzipSync('x\n'.repeat(3000)), { 'content-encoding': 'gzip' }, { status: 413 }],
    ['too many messages', 'x\n'.repeat(11), {}, { status: 413 }],
    ['too many elements', `[${'1,'.repeat(10)}1]`, JSON_TYPE, { status: 413 }],
    ['a long message', `short\n${'x'.repeat(501)}`, {}, { status: 413 }],
    ['a key with blanks', 'x', { 'idempotency-key': 'a b' }, { status: 400 }],
    ['a long key', 'x', { 'idempotency-key': 'k'.repeat(256) }, { status: 400 }],
  ])('refuses %s, and stores nothing', async (_, body, headers, fault) => {
    const { intake, post } = make({ max_body_bytes: 2000, max_expanded_bytes: 5000, max_messages: 10, max_message_bytes: 500 });
    expect(await post(body, headers)).toMatchObject({ ok: false, error: fault });
    expect(intake.batches).toEqual([]);
  });

  it('stops a bomb by its ratio', async () => {
    const { post } = make({ max_expansion_ratio: 50 });
    const bomb = gzipSync(Buffer.alloc(8 * 1024 ** 2, 'a'));
    expect(await post(bomb, { 'content-encoding': 'gzip' })).toMatchObject({
      ok: false,
      error: { status: 413, detail: expect.stringContaining('50 times') },
    });
  });

  it('refuses a body that is cut off, and one that is too slow', async () => {
    const { intake, post } = make({ body_timeout_secs: 1 });
    const cut = new PassThrough();
    cut.write('half');
    const pending = post(cut);
    cut.destroy();
    expect(await pending).toMatchObject({ ok: false, error: { status: 400 } });
    const slow = new PassThrough();
    slow.write('half');
    expect(await post(slow)).toMatchObject({ ok: false, error: { status: 408 } });
    expect(intake.batches).toEqual([]);
  });
});

describe('how it is kept', () => {
  it('gives the intake the key of its source, and says what was a duplicate', async () => {
    const { intake, post } = make();
    expect(await post('one', { 'idempotency-key': 'k1' })).toMatchObject({ value: { accepted: 1, duplicate: false } });
    expect(await post('one', { 'idempotency-key': 'k1' })).toMatchObject({ value: { accepted: 1, duplicate: true } });
    expect(intake.batches.map(({ key }) => key)).toEqual(['http:web:k1']);
  });

  it('refuses a key that came with another body, and knows the same body packed otherwise', async () => {
    const { intake, post } = make();
    const key = { 'idempotency-key': 'k1' };
    await post('one', key);
    expect(await post('two', key)).toMatchObject({ ok: false, error: { status: 422, code: 'EAR_INGEST_KEY_REUSED' } });
    expect(await post('two', { 'idempotency-key': 'k2' })).toMatchObject({ value: { duplicate: false } });
    expect(await post(gzipSync('one'), { ...key, 'content-encoding': 'gzip' })).toMatchObject({ value: { accepted: 1, duplicate: true } });
    expect(intake.texts).toEqual(['one', 'two']);
  });

  it('knows an IPv4 sender as such on a listener that is for IPv6 too', async () => {
    const { intake, post } = make();
    await post('one', {}, 'sender', '::ffff:198.51.100.9');
    expect(intake.batches[0]?.origin.address).toBe('198.51.100.9');
  });

  it('binds a token to its datasets', async () => {
    const { intake, post } = make({ datasets: ['b.c'], auth: { type: 'token', token_datasets: { narrow: ['a.b'] } } });
    await post('one', {}, 'narrow');
    await post('two', {}, 'other');
    await post('three', {}, 'constructor');
    expect(intake.batches.map(({ origin }) => origin.datasets)).toEqual([['a.b'], ['b.c'], ['b.c']]);
    expect(intake.batches[0]?.origin).toMatchObject({ transport: 'http', address: '192.0.2.7' });
  });

  it('answers 503 while the raw log is closed or full, 429 above its bounds, and recovers', async () => {
    const budget = new ByteBudget(10);
    const { intake, post } = make({ max_in_flight: 1 }, budget);
    intake.open = false;
    expect(await post('x')).toMatchObject({ error: { status: 503, retryAfterSecs: 5 } });
    intake.open = true;
    intake.fail = new EarshotError('EAR_RAW_LOG_FULL', 'full');
    expect(await post('x')).toMatchObject({ error: { status: 503 } });
    intake.fail = undefined;
    expect(await post('x'.repeat(11))).toMatchObject({ error: { status: 429, retryAfterSecs: 1 } });
    const slow = new PassThrough();
    const first = post(slow);
    expect(await post('x')).toMatchObject({ error: { status: 429 } });
    slow.end('y');
    expect(await first).toMatchObject({ ok: true });
    expect(await post('x'.repeat(10))).toMatchObject({ ok: true });
  });
});

describe('signatures', () => {
  const key = 'a shared secret';
  const seconds = `${NOW / 1000}`;
  const signed = (text: string, encoding: 'hex' | 'base64' = 'hex') => createHmac('sha256', key).update(text).digest(encoding);
  const github = { type: 'hmac', secret: key, header: 'X-Hub-Signature-256', scheme: 'sha256=' };
  const slack = { type: 'hmac', secret: key, header: 'x-sig', scheme: 'v0=', timestamp_header: 'x-time', signed: 'v0:{timestamp}:{body}' };

  it.each([
    ['over the body', github, { 'x-hub-signature-256': `sha256=${signed('{"a":1}')}` }, true],
    ['in base64', { ...github, encoding: 'base64', scheme: '' }, { 'x-hub-signature-256': signed('{"a":1}', 'base64') }, true],
    ['with its time', slack, { 'x-sig': `v0=${signed(`v0:${seconds}:{"a":1}`)}`, 'x-time': seconds }, true],
    ['of another body', github, { 'x-hub-signature-256': `sha256=${signed('{"a":2}')}` }, false],
    ['without its scheme', github, { 'x-hub-signature-256': signed('{"a":1}') }, false],
    ['that is missing', github, {}, false],
    ['that is empty', github, { 'x-hub-signature-256': 'sha256=' }, false],
    ['that is cut', github, { 'x-hub-signature-256': `sha256=${signed('{"a":1}').slice(0, 62)}` }, false],
    ['with another time', slack, { 'x-sig': `v0=${signed(`v0:${seconds}:{"a":1}`)}`, 'x-time': `${NOW / 1000 - 1}` }, false],
    ['that is old', slack, { 'x-sig': `v0=${signed(`v0:${NOW / 1000 - 301}:{"a":1}`)}`, 'x-time': `${NOW / 1000 - 301}` }, false],
    ['without its time', slack, { 'x-sig': `v0=${signed('v0::{"a":1}')}` }, false],
  ])('%s', async (_, auth, headers, good) => {
    const { intake, post } = make({ auth });
    const result = await post('{"a":1}', headers);
    expect(result).toMatchObject(good ? { ok: true } : { ok: false, error: { status: 401, code: 'EAR_INGEST_AUTH' } });
    expect(intake.batches).toHaveLength(good ? 1 : 0);
  });

  it('signs what was sent, packed as it is', async () => {
    const packed = gzipSync('one');
    const { post } = make({ auth: github });
    const headers = {
      'x-hub-signature-256': `sha256=${createHmac('sha256', key).update(packed).digest('hex')}`,
      'content-encoding': 'gzip',
    };
    expect(await post(packed, headers)).toMatchObject({ ok: true });
  });

  it.each([{ signed: 'x' }, { signed: '{timestamp}{body}' }, { timestamp_header: 'x-time' }])(
    'refuses settings that prove nothing: %j',
    (more) => {
      expect(httpSettings.safeParse({ type: 'http', auth: { ...github, ...more } }).success).toBe(false);
    },
  );
});
