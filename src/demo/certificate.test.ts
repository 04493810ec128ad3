import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { selfSigned } from './certificate.ts';

const { certificate, key } = selfSigned('the demo', Date.now());

describe('a certificate of its own', () => {
  it('names this machine, is its own authority, and is signed by its key', () => {
    const read = new X509Certificate(certificate);
    expect(read.subject).toBe('CN=the demo');
    expect(read.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1');
    expect(read.ca).toBe(true);
    expect(read.verify(read.publicKey)).toBe(true);
    expect(Date.parse(read.validFrom)).toBeLessThan(Date.now());
    expect(Date.parse(read.validTo)).toBeGreaterThan(Date.now() + 300 * 86_400_000);
  });

  it('has another number each time: a client may keep the old one in mind', () => {
    expect(new X509Certificate(selfSigned('the demo', Date.now()).certificate).serialNumber).not.toBe(
      new X509Certificate(certificate).serialNumber,
    );
  });

  it.each(['localhost', '127.0.0.1'])('is taken by a client that trusts it alone, which asks for %s', async (host) => {
    const server = createServer({ cert: certificate, key }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const socket = connect({ host: '127.0.0.1', port, ca: certificate, ...(host === 'localhost' && { servername: host }) });
    await once(socket, 'secureConnect');
    expect(socket.authorized).toBe(true);
    socket.destroy();
    server.close();
  });
});
