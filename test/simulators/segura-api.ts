import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** A privileged session, as the appliance lists it. */
export interface SeguraSession {
  /** 40 hexadecimal digits. */
  readonly id: string;
  readonly user: string;
  readonly credential: string;
  readonly device: string;
  /** The vault's own time without a zone; empty while it is open. */
  end: string;
}

/** What the next call that drops a session meets. `act`: whether it is dropped all the same. */
export interface SeguraScript {
  readonly kind: 'reset' | 'hang' | 'error' | 'busy';
  readonly act?: boolean;
}

export interface SeguraApiSimulator {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly sessions: SeguraSession[];
  /** What the list of sessions is in place of what the vendor's pages say of it. */
  listsAs: ((rows: readonly object[]) => unknown) | undefined;
  /** Ids of the sessions that were asked to be dropped, in order. */
  readonly drops: string[];
  /** Whether it is silent on what has become of a session. */
  isSilent: boolean;
  script(...steps: readonly SeguraScript[]): void;
  stop(): Promise<void>;
}

const ENDED = '2026-11-21 18:00:00';

/**
 * The part of Segura's A2A interface by which privileged sessions are ended, by the vendor's pages: OAuth 2.0 with client credentials in a form
 * (`/iso/oauth2/token`), `GET /api/session/remotesessions`, `DELETE /iso/session/drop/ID`. What succeeds is told in Portuguese with HTTP 200, what does not
 * with HTTP 500 and `error: true`; the vendor's own spelling of the message is kept.
 */
export async function startSeguraApi(sessions: SeguraSession[]): Promise<SeguraApiSimulator> {
  const clientId = 'made-up-client';
  const clientSecret = 'made-up-secret';
  const token = 'made-up-token';
  const drops: string[] = [];
  const scripted: SeguraScript[] = [];

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const send = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const { url = '/', method } = request;
    if (method === 'POST' && url === '/iso/oauth2/token') {
      const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
      const known = form.get('grant_type') === 'client_credentials' && form.get('client_id') === clientId;
      if (!known || form.get('client_secret') !== clientSecret) return void send(401, { error: 'invalid_client' });
      return void send(200, { token_type: 'Bearer', expires_in: 3_600, access_token: token });
    }
    if (request.headers.authorization !== `Bearer ${token}`)
      return void send(401, { response: { status: 401, error: true, message: 'Unauthorized' } });
    const listed = /^\/api\/session\/remotesessions(?:\/([0-9a-f]{40}))?$/.exec(url);
    if (method === 'GET' && listed !== null) {
      const found = sessions.filter(({ id }) => listed[1] === undefined || id === listed[1]);
      if (listed[1] !== undefined && simulator.isSilent) return;
      const rows = found.map(rowOf);
      return void send(200, simulator.listsAs?.(rows) ?? { response: DONE, sessions: rows });
    }
    const dropped = /^\/iso\/session\/drop\/([0-9a-f]{40})$/.exec(url)?.[1];
    if (method !== 'DELETE' || dropped === undefined)
      return void send(404, { response: { status: 404, error: true, message: 'Not found' } });
    drops.push(dropped);
    const session = sessions.find(({ id, end }) => id === dropped && end === '');
    const step = scripted.shift();
    if (session !== undefined && (step === undefined || step.act === true)) session.end = ENDED;
    if (step?.kind === 'reset') return void request.socket.destroy();
    if (step?.kind === 'hang') return;
    if (step?.kind === 'busy') return void send(429, {});
    if (step?.kind === 'error' || session === undefined) return void send(500, { response: { ...FAILED, status: 500 } });
    send(200, { response: DONE });
  };

  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const simulator: SeguraApiSimulator = {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    clientId,
    clientSecret,
    sessions,
    listsAs: undefined,
    drops,
    isSilent: false,
    script: (...steps) => void scripted.push(...steps),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return simulator;
}

const DONE = { status: 200, message: 'Sessão interrompida com sucesso', error: false, error_code: 0, detail: '', erro: false, cod_erro: 0 };
const FAILED = { message: 'An error occurred while droping session', error: true, error_code: 1, detail: '', erro: true, cod_erro: 1 };

const rowOf = ({ id, user, credential, device, end }: SeguraSession, i: number) => ({
  id: i + 1,
  user,
  origin_ip: '192.0.2.20',
  credencial: credential,
  dispositivo: device,
  protocol: 'SSH',
  proxy: 'terminal',
  session_id: id,
  start: '2026-11-21 17:00:00',
  end,
  time: '',
  prevent_purge: 0,
});
