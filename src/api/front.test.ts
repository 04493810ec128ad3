import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setUpApi } from '../../test/support/api.ts';
import { deafFront } from '../../test/support/click-doors.ts';
import { RecordingTelemetry } from '../../test/support/recording-telemetry.ts';
import { hopsBehindFront } from './front.ts';

describe('the front door', () => {
  let folder: string;
  let apiSocket: string;
  let telemetry: RecordingTelemetry;
  let behind: Server | undefined;
  let front: FastifyInstance;
  let url: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'earshot-front-'));
    apiSocket = join(folder, 'api.sock');
    telemetry = new RecordingTelemetry();
  });
  afterEach(async () => {
    await front.close();
    behind?.closeAllConnections();
    behind?.close();
    behind = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  const open = async (options: { readonly behindProxy?: boolean; readonly requestTimeoutMs?: number } = {}) => {
    front = deafFront({ apiSocket, telemetry, headersTimeoutMs: 1_000, ...options });
    url = await front.listen({ host: '127.0.0.1', port: 0 });
  };
  const serve = (listener: RequestListener) =>
    new Promise<void>((resolve) => {
      behind = createServer(listener).listen(apiSocket, resolve);
    });

  it('passes on what is asked and what is answered, byte for byte', async () => {
    await serve(async (asked, reply) => {
      const chunks: Buffer[] = [];
      for await (const chunk of asked) chunks.push(chunk);
      reply.writeHead(207, { 'set-cookie': ['a=1', 'b=2'], 'x-what': `${asked.method} ${asked.url} ${asked.headers.host}` });
      reply.end(Buffer.concat(chunks).reverse());
    });
    await open();
    const body = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251));
    const answer = await fetch(`${url}//a%2Fb/?c=%20d&e`, { method: 'PUT', body });
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([207, ['a=1', 'b=2']]);
    expect(answer.headers.get('x-what')).toBe(`PUT //a%2Fb/?c=%20d&e ${new URL(url).host}`);
    expect(Buffer.from(await answer.arrayBuffer()).equals(body.reverse())).toBe(true);
  });

  it('tells whose request it is, and believes nobody who says so without a proxy in front', async () => {
    for (const [behindProxy, address, scheme] of [
      [false, '127.0.0.1', false],
      [true, '198.51.100.7', true],
    ] as const) {
      const { app, audits } = setUpApi({ believedHops: hopsBehindFront(behindProxy) });
      await app.listen({ path: apiSocket });
      await open({ behindProxy });
      const headers = {
        'x-forwarded-for': '203.0.113.9, 198.51.100.7',
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'forged.example.com',
        authorization: 'Bearer ear_wrong',
      };
      const answer = await fetch(`${url}/api/alerts`, { headers });
      expect([answer.status, audits.at(-1)?.address]).toEqual([401, address]);
      expect(answer.headers.has('strict-transport-security')).toBe(scheme);
      await front.close();
      await app.close();
    }
  });

  it('gives on what comes while it comes, and lets the API know when nobody reads it any more', async () => {
    const gone = Promise.withResolvers<void>();
    await serve((_asked, reply) => {
      reply.writeHead(200, { 'content-type': 'text/event-stream' });
      reply.write('data: 1\n\n');
      reply.once('close', () => gone.resolve());
    });
    await open();
    const leaving = new AbortController();
    const answer = await fetch(`${url}/api/tail`, { signal: leaving.signal });
    const read = await answer.body?.getReader().read();
    expect(Buffer.from(read?.value ?? []).toString()).toBe('data: 1\n\n');
    leaving.abort();
    await gone.promise;
  });

  it('gives on an answer that comes before the body is over, and cuts off what the API has cut off', async () => {
    await serve((asked, reply) => {
      if (asked.url === '/cut') {
        reply.writeHead(200, { 'content-length': 10 });
        reply.write('half');
        setImmediate(() => reply.destroy());
      } else reply.writeHead(413, { connection: 'close' }).end('too large');
    });
    await open();
    const early = await new Promise<number | undefined>((resolve, reject) => {
      const sending = request(`${url}/large`, { method: 'POST' }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
        sending.destroy();
      });
      sending.once('error', reject);
      sending.write(Buffer.alloc(64 * 1024));
    });
    expect(early).toBe(413);
    const cut = await fetch(`${url}/cut`);
    await expect(cut.text()).rejects.toThrow();
  });

  it('says when the API is not there, and goes on when it is', async () => {
    await open();
    const answer = await fetch(`${url}/api/session`);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await answer.json()).toMatchObject({ code: 'EAR_INTERNAL', status: 503 });
    expect(telemetry.logs.at(-1)).toMatchObject({ level: 'error', message: 'a request could not be passed on' });
    // By such a link somebody answers: whoever reads it could.
    const logged = vi.spyOn(telemetry, 'log');
    await fetch(`${url}/answer/made-up-link?a=b`);
    expect(logged.mock.lastCall).toMatchObject(['error', 'a request could not be passed on', { path: '/answer/…' }]);
    await serve((_asked, reply) => reply.end('here'));
    expect(await (await fetch(`${url}/api/session`)).text()).toBe('here');
  });

  it('outlives an answer that cannot be written', async () => {
    await serve((asked, reply) => (asked.url === '/' ? reply.end('here') : undefined));
    await open();
    front.server.prependListener('request', ({ url: asked }, response) => {
      if (asked === '/fails') setImmediate(() => response.emit('error', new Error('made up')));
    });
    expect((await fetch(`${url}/fails`)).status).toBe(503);
    expect(telemetry.logs).toMatchObject([{ level: 'error', message: 'a request could not be passed on' }]);
    expect(await (await fetch(url)).text()).toBe('here');
  });

  it('does not let a slow client hold what is behind it', async () => {
    let closed = 0;
    await serve((asked) => void asked.once('close', () => closed++).resume());
    await open({ requestTimeoutMs: 1_500 });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('POST /ingest/http HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab');
    const answered = new Promise<string>((resolve) => {
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString();
      });
      socket.once('close', () => resolve(text));
    });
    expect(await answered).toMatch(/^HTTP\/1\.1 408 /);
    while (closed === 0) await sleep(10);
  });

  /** What comes back over one connection until it is closed, or until `enough` is in it. */
  const exchange = (sent: string | Buffer, enough: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(sent));
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
        if (enough.test(text)) socket.destroy();
      });
      socket.once('error', (error) => (text === '' ? reject(error) : undefined));
      socket.once('close', () => resolve(text));
    });

  it('gives on the head of an answer before the rest comes, and what follows the rest', async () => {
    const read = Promise.withResolvers<void>();
    await serve(async (_asked, reply) => {
      reply.writeHead(200, { trailer: 'x-rows' }).flushHeaders();
      await read.promise;
      reply.addTrailers({ 'x-rows': '7' });
      reply.end('rows');
    });
    await open();
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request(url, resolve).once('error', reject).end();
    });
    read.resolve();
    await answer.toArray();
    expect([answer.headers.trailer, answer.trailers]).toEqual(['x-rows', { 'x-rows': '7' }]);
    // As some proxies ask where they are not told otherwise.
    for (const more of ['', 'Connection: keep-alive\r\n']) {
      const old = await exchange(`GET / HTTP/1.0\r\n${more}\r\n`, /never/);
      expect(old).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*\r\n\r\nrows$/);
      expect(old).not.toMatch(/trailer|chunked/i);
    }
  });

  it('gives on why a large body is refused, however much of it is still being sent', async () => {
    const { app } = setUpApi({ believedHops: hopsBehindFront(false) }, { max_body_bytes: 1_000 });
    await app.listen({ path: apiSocket });
    await open();
    const body = Buffer.alloc(1024 ** 2, 'x');
    for (const [token, status] of [
      ['ear_wrong', 401],
      ['ear_sender', 413],
    ] as const) {
      const head = `POST /ingest/web HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: 50000000\r\n\r\n`;
      for (let i = 0; i < 5; i++) {
        const answer = await exchange(Buffer.concat([Buffer.from(head), body]), /\}$/);
        expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*connection: close`, 'i'));
      }
    }
    expect(telemetry.logs).toEqual([]);
    await app.close();
  });

  it('holds one connection to the API for each of a client, however much is sent ahead', async () => {
    const asked: (string | undefined)[] = [];
    let atOnce = 0;
    let most = 0;
    await serve((request, reply) => {
      asked.push(request.url);
      most = Math.max(most, ++atOnce);
      setTimeout(() => reply.end(`answer ${request.url}`, () => atOnce--), 2);
    });
    await open();
    const paths = Array.from({ length: 50 }, (_, i) => `/${i}`);
    const back = await exchange(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''), /answer \/49$/);
    expect(back.match(/answer \/\d+/g)).toEqual(paths.map((path) => `answer ${path}`));
    expect([asked, most]).toEqual([paths, 1]);
  });

  it('keeps the connection of a client that sends without saying how much, and its own', async () => {
    let connections = 0;
    await serve((request, reply) => void request.resume().once('end', () => reply.end(`answer ${request.headers.connection}`)));
    behind?.on('connection', () => connections++);
    await open();
    const chunked = 'POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n';
    const last = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
    const back = await exchange(`${chunked}${chunked}${last}`, /never/);
    expect(back.match(/^connection: .*$/gim)).toEqual(['connection: keep-alive', 'connection: keep-alive', 'connection: close']);
    expect(back.match(/answer .*?(?=HTTP|$)/g)).toEqual(Array(3).fill('answer keep-alive'));
    expect(connections).toBe(1);
  });

  it('takes an address that names the host, and tells a scheme where the proxy before it tells none', async () => {
    await serve(({ url: asked, headers }, reply) => reply.end(`answer ${asked} ${headers['x-forwarded-proto']}`));
    await open({ behindProxy: true });
    const asked = (address: string) => exchange(`GET ${address} HTTP/1.0\r\n\r\n`, /never/);
    expect(await asked('http://x:80/a?b=http://c/')).toMatch(/answer \/a\?b=http:\/\/c\/ http$/);
    expect(await asked('http://x')).toMatch(/answer \/ http$/);
    expect(await asked('//x/a')).toMatch(/answer \/\/x\/a http$/);
  });
});
