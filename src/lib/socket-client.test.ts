import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { overSocket } from './socket-client.ts';

let folder: string;
let path: string;
let server: Server | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'earshot-socket-'));
  path = join(folder, 'hub.sock');
});
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function serve(listener: RequestListener): Promise<void> {
  server = createServer(listener).listen(path);
  await once(server, 'listening');
}

describe('overSocket', () => {
  it('sends a body and headers, and gives status and body', async () => {
    await serve(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      response.statusCode = 201;
      response.end(`${request.method} ${request.url} ${request.headers['x-a']} ${Buffer.concat(chunks)}`);
    });
    const reply = await overSocket(path, { method: 'POST', path: '/x?y=1', body: Buffer.from('ünï'), headers: { 'x-a': 'b' } });
    expect({ ...reply, body: reply.body.toString() }).toEqual({ status: 201, body: 'POST /x?y=1 b ünï' });
  });

  it('rejects where nobody listens', async () => {
    await expect(overSocket(path, { method: 'GET', path: '/' })).rejects.toMatchObject({ code: 'ENOENT' });
    writeFileSync(path, '');
    await expect(overSocket(path, { method: 'GET', path: '/' })).rejects.toMatchObject({
      code: expect.stringMatching(/ECONNREFUSED|ENOTSOCK/),
    });
  });

  it('rejects when the other side ends in the middle of its answer', async () => {
    await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    await expect(overSocket(path, { method: 'GET', path: '/' })).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('gives up when it is told to', async () => {
    const stop = new AbortController();
    await serve(() => stop.abort());
    await expect(overSocket(path, { method: 'GET', path: '/', signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' });
  });
});
