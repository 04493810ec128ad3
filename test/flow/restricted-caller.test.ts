import { rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, HubProcess } from '../support/hub-process.ts';
import { TailReader } from '../support/tail-reader.ts';

/** A hub with events of a vault and of hosts, and callers who may see all of them, or those of hosts alone. */
let hub: HubProcess;
let socket: Socket;
let all = '';
let hosts = '';

const line = (text: string) => `${text}\n`;
const at = () => new Date().toISOString();
const view = (user: string, account: string) =>
  line(`<13>1 ${at()} vault01 Segura - - - CEF:0|MT4|Segura|3.32.0|1|Password Viewed|5|duser=${account} suser=${user} src=192.0.2.7`);
const login = (user: string, pid = 812, host = 'web01') =>
  line(`<86>1 ${at()} ${host} sshd ${pid} - - Accepted publickey for ${user} from 192.0.2.7 port 4000 ssh2: ED25519 SHA256:abc`);
const send = (...lines: readonly string[]) => void socket.write(lines.join(''));

async function token(name: string, datasets?: readonly string[]): Promise<string> {
  const body = JSON.stringify({ name, scopes: ['events:read'], ...(datasets && { datasets }) });
  return ((await hub.post('/api/tokens', body, { 'content-type': 'application/json' })).json as { token: string }).token;
}

function get<T>(path: string, bearer: string): Promise<T> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: hub.ports.api, path, headers: { authorization: `Bearer ${bearer}` } }, async (reply) => {
      let text = '';
      for await (const chunk of reply.setEncoding('utf8')) text += chunk;
      resolve(JSON.parse(text) as T);
    })
      .on('error', reject)
      .end();
  });
}

beforeAll(async () => {
  hub = await HubProcess.create();
  await hub.start();
  socket = connect(hub.ports.syslog, '127.0.0.1');
  send(view('alice', 'root'), view('alice', 'app_ro'), view('bob', 'root'), login('alice'), login('carol'));
  send(login('alice', 900), login('alice', 900, 'web02'));
  [all, hosts] = await Promise.all([token('all'), token('hosts', ['linux.*'])]);
  await eventually(async () => (await summary(all)).total === 7);
});
afterAll(async () => {
  socket.destroy();
  await hub.kill('SIGTERM');
  rmSync(hub.dataDir, { recursive: true, force: true });
});

interface Summary {
  readonly total: number;
  readonly histogram?: { readonly total: number; readonly bars: readonly { readonly count: number; readonly values?: object }[] };
  readonly top: readonly {
    readonly field: string;
    readonly total: number;
    readonly missing: number;
    readonly distinct: number;
    readonly values: readonly { readonly value: string; readonly count: number }[];
  }[];
}
const summary = (bearer: string, more: Readonly<Record<string, string>> = {}) =>
  get<Summary>(
    `/api/events/summary?${new URLSearchParams({ q: 'source.ip:192.0.2.0/24', fields: 'user.name,cef.name', by: 'event.dataset', ...more })}`,
    bearer,
  );

describe('a query in one look', () => {
  it('counts and names the same as histogram and top values apart', async () => {
    const { total, histogram, top } = await summary(all);
    const q = new URLSearchParams({ q: 'source.ip:192.0.2.0/24' });
    expect(total).toBe(7);
    expect(histogram?.bars.reduce((sum, { count }) => sum + count, 0)).toBe(7);
    expect(top).toMatchObject([
      {
        field: 'user.name',
        values: [
          { value: 'alice', count: 5 },
          { value: 'bob', count: 1 },
          { value: 'carol', count: 1 },
        ],
      },
      { field: 'cef.name', missing: 4, values: [{ value: 'Password Viewed', count: 3 }] },
    ]);
    expect(await get<object>(`/api/events/top?${q}&field=user.name`, all)).toMatchObject({ ...top[0] });
    expect(await summary(all, { histogram: 'without' })).toEqual(expect.not.objectContaining({ histogram: expect.anything() }));
    expect(await summary(all, { histogram: 'without' })).toMatchObject({ total: 7, top });
  });

  it('of who may see some datasets neither shows nor counts others', async () => {
    const seen = await summary(hosts);
    expect(seen.total).toBe(4);
    expect(seen.histogram?.total).toBe(4);
    expect(seen.top).toMatchObject([
      {
        field: 'user.name',
        total: 4,
        distinct: 2,
        values: [
          { value: 'alice', count: 3 },
          { value: 'carol', count: 1 },
        ],
      },
      { field: 'cef.name', total: 4, missing: 4, distinct: 0, values: [] },
    ]);
    expect(JSON.stringify(await summary(hosts, { q: 'cef.name:*', by: 'cef.name' }))).not.toContain('Password');
  });
});

describe('the live tail', () => {
  it('of who may see some datasets has nothing of others, and counts none as left out', async () => {
    const [whole, part] = await Promise.all(
      [all, hosts].map((each) => TailReader.open({ port: hub.ports.api, token: each }, 'user.name:late*')),
    );
    if (whole === undefined || part === undefined) throw new Error('no viewers');
    await Promise.all([whole, part].map((reader) => reader.until(() => reader.of('ready').length === 1)));
    send(view('late-vault', 'root'), login('late-host'), view('late-vault', 'app_ro'), login('late-last'));
    await whole.until(() => whole.events.length === 4);
    await part.until(() => part.events.length === 2);
    // What was held back for the other would have come by now.
    await part.until(() => part.events.some(({ original }) => original.includes('late-last')));
    expect(part.events.map(({ original }) => /for (\S+)/.exec(original)?.[1])).toEqual(['late-host', 'late-last']);
    expect(part.skipped).toBe(0);
    for (const reader of [whole, part]) reader.close();
  });

  it('that comes back is not shown what others heard meanwhile', async () => {
    const found = await get<{ events: { id: string }[] }>('/api/events?q=user.name:carol', all);
    const after = found.events[0]?.id;
    send(view('late-again', 'root'), login('late-again'));
    await eventually(async () => (await get<{ total: number }>('/api/events/histogram?q=user.name:late-again', all)).total === 2);
    const reader = await TailReader.open({ port: hub.ports.api, token: hosts }, 'user.name:late-again', after);
    await reader.until(() => reader.events.length === 1);
    expect(reader.events.map(({ original }) => original)).toEqual([expect.stringContaining('Accepted publickey for late-again')]);
    expect(reader.skipped).toBe(0);
    reader.close();
  });
});

describe('the session of an event', () => {
  it('has what the same process of the same machine said, for who may see it', async () => {
    send(login('first', 700), login('second', 700), login('elsewhere', 700, 'web02'), login('another', 701));
    const found = await eventually(async () => {
      const { events } = await get<{ events: { id: string; fields: Record<string, unknown> }[] }>('/api/events?q=process.pid:700', all);
      return events.length === 3 && events;
    });
    const idOf = (user: string) => found.find(({ fields }) => fields['user.name'] === user)?.id;
    const around = (id: string | undefined, bearer: string) => get<object>(`/api/events/${id}/surroundings?by=session`, bearer);
    expect(await around(idOf('second'), hosts)).toMatchObject({ by: 'session', value: '700', before: [{ id: idOf('first') }], after: [] });
    expect(await around(idOf('first'), hosts)).toMatchObject({ before: [], after: [{ id: idOf('second') }] });
    expect(await around(idOf('elsewhere'), all)).toMatchObject({ before: [], after: [] });
    const { events } = await get<{ events: { id: string }[] }>('/api/events?q=cef.name:*', all);
    expect(await around(events[0]?.id, hosts)).toMatchObject({ status: 404 });
  });
});
