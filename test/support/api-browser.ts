import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { Passwords } from '../../src/api/auth/passwords.ts';
import type { Role } from '../../src/model/role.ts';
import type { User } from '../../src/store/state/accounts.ts';
import type { State } from '../../src/store/state/state.ts';

export const PASSWORD = 'correct horse battery staple';
let hash: Promise<string> | undefined;

/** A user who can sign in with {@link PASSWORD}. */
export async function addUser(state: State, name: string, role: Role = 'viewer', datasets: readonly string[] = ['*']): Promise<User> {
  const user = await state.users.create({ name, displayName: '', role, datasets });
  if (user === undefined) throw new Error(`${name} is there already`);
  hash ??= new Passwords().hash(PASSWORD);
  await state.users.setPassword(user.id, await hash);
  return user;
}

/** Requests as the page makes them in one browser: with its cookie, and the token of its session. */
export class Browser {
  cookie = '';
  csrf = '';
  readonly headers: Record<string, string>;
  readonly #app: FastifyInstance;
  readonly #address: string;

  constructor(app: FastifyInstance, address = '192.0.2.1', headers: Record<string, string> = {}) {
    this.#app = app;
    this.#address = address;
    this.headers = headers;
  }

  async send(method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, payload?: object): Promise<LightMyRequestResponse> {
    const own = { ...(this.cookie !== '' && { cookie: this.cookie }), ...(this.csrf !== '' && { 'x-csrf-token': this.csrf }) };
    const headers = { ...own, ...this.headers };
    const answer = await this.#app.inject({ method, url, remoteAddress: this.#address, headers, ...(payload && { payload }) });
    const [set] = [answer.headers['set-cookie'] ?? []].flat();
    if (set !== undefined) this.cookie = set.split(';', 1)[0] ?? '';
    return answer;
  }

  async status(...request: Parameters<Browser['send']>): Promise<number> {
    return (await this.send(...request)).statusCode;
  }

  async signIn(name: string, password = PASSWORD): Promise<LightMyRequestResponse> {
    const answer = await this.send('POST', '/api/sign-in', { name, password });
    if (answer.statusCode === 200) this.csrf = answer.json().csrf_token;
    return answer;
  }
}
