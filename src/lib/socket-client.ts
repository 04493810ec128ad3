import { type IncomingMessage, request } from 'node:http';

export interface SocketReply {
  readonly status: number;
  readonly body: Buffer;
}

/** One HTTP request over a Unix socket. Rejects when nobody listens there (ENOENT, ECONNREFUSED). */
export async function overSocket(
  socketPath: string,
  {
    method,
    path,
    body,
    headers,
    signal,
  }: {
    method: 'GET' | 'POST' | 'PUT' | 'DELETE';
    path: string;
    body?: Buffer | string;
    headers?: Readonly<Record<string, string>>;
    signal?: AbortSignal;
  },
): Promise<SocketReply> {
  const reply = await new Promise<IncomingMessage>((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    request({ socketPath, method, path, headers: { host: 'earshot', ...length, ...headers }, ...(signal && { signal }) }, resolve)
      .on('error', reject)
      .end(body);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of reply) chunks.push(chunk as Buffer);
  return { status: reply.statusCode ?? 0, body: Buffer.concat(chunks) };
}
