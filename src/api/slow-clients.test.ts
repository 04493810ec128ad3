import { connect } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { setUpApi } from '../../test/support/api.ts';

let app: FastifyInstance | undefined;
afterEach(async () => {
  await app?.close();
});

const setUp = (...given: Parameters<typeof setUpApi>) => {
  const made = setUpApi(...given);
  app = made.app;
  return made;
};

const portOf = (app: FastifyInstance): number => {
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

describe('slow and broken clients', () => {
  /** Writes a request by hand and gives all that comes back until the server closes. */
  async function raw(app: FastifyInstance, text: string): Promise<string> {
    await app.listen({ host: '127.0.0.1', port: 0 });
    const port = portOf(app);
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(text));
      let back = '';
      socket.on('data', (chunk) => {
        back += chunk.toString();
      });
      socket.on('close', () => resolve(back));
      socket.on('error', reject);
    });
  }

  const head = (path: string, length: number, token = 'ear_sender') =>
    `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: ${length}\r\n`;

  it('a body that stops is answered 408 and cut', async () => {
    const { app, batches } = setUp({}, { body_timeout_secs: 1 });
    expect(await raw(app, `${head('/ingest/web', 100)}\r\nhalf`)).toMatch(/^HTTP\/1.1 408 [\s\S]*EAR_INGEST_TIMEOUT/);
    expect(batches).toEqual([]);
  });

  it('a body that is too large is answered and cut, before all of it came', async () => {
    const { app } = setUp({}, { max_body_bytes: 10 });
    expect(await raw(app, `${head('/ingest/web', 1_000_000)}\r\n${'x'.repeat(5000)}`)).toMatch(/^HTTP\/1.1 413 /);
  });

  it('without a token the body is not waited for', async () => {
    const { app } = setUp();
    expect(await raw(app, `${head('/ingest/web', 1_000_000, 'ear_wrong')}\r\n`)).toMatch(/^HTTP\/1.1 401 /);
  });

  it('headers that do not end, and a JSON body that does not, are cut', async () => {
    const { app } = setUp({ headersTimeoutMs: 300, requestTimeoutMs: 600 });
    expect(await raw(app, 'GET /healthz HTTP/1.1\r\nHost: x\r\n')).toMatch(/^HTTP\/1.1 408 [\s\S]*problem\+json/);
    const second = setUp({ headersTimeoutMs: 300, requestTimeoutMs: 600 });
    const body = await raw(second.app, `${head('/api/alerts/a1/state', 50, 'ear_operator')}Content-Type: application/json\r\n\r\n{`);
    expect(body).toMatch(/^HTTP\/1.1 408 /);
    await app.close();
  });

  it('what is not HTTP is answered and cut', async () => {
    const { app } = setUp();
    expect(await raw(app, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1.1 400 [\s\S]*EAR_API_INPUT/);
  });

  it('a client that goes away cancels its search', async () => {
    const { app, engine } = setUp({ trusted: true });
    const { promise, resolve } = Promise.withResolvers<void>();
    engine.hang = promise;
    await app.listen({ host: '127.0.0.1', port: 0 });
    const port = portOf(app);
    const gone = new Promise<void>((cancelled) => {
      const socket = connect(port, '127.0.0.1', () => socket.write('GET /api/events HTTP/1.1\r\nHost: x\r\n\r\n'));
      const timer = setInterval(() => {
        const signal = engine.asked[0]?.bounds.signal;
        if (signal === undefined) return;
        clearInterval(timer);
        signal.addEventListener('abort', () => cancelled());
        socket.destroy();
      }, 5);
    });
    await gone;
    resolve();
  });
});
