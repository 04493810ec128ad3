import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { eventually } from './hub-process.ts';
import { PeerProcess, peersFolder } from './peer-process.ts';

const program = (): string => join(peersFolder(), 'keycloak/bin/kc.sh');

/** Why there is no Keycloak to test against; undefined where there is one. */
export function missingKeycloak(): string | undefined {
  const java = process.env.JAVA_HOME === undefined ? 'java' : join(process.env.JAVA_HOME, 'bin/java');
  const why = !existsSync(program())
    ? 'Keycloak is not installed: run scripts/install-keycloak.sh'
    : spawnSync(java, ['-version']).status !== 0
      ? 'Keycloak needs Java 17 or newer'
      : undefined;
  if (why !== undefined) console.warn(`SKIPPED: ${why}`);
  return why;
}

const ADMIN = 'admin';

/** A real Keycloak on a port of its own, whose database is gone with it. */
export class Keycloak {
  readonly url: string;
  readonly #server: PeerProcess;
  readonly #password: string;

  private constructor(url: string, server: PeerProcess, password: string) {
    this.url = url;
    this.#server = server;
    this.#password = password;
  }

  /** The first start of all builds the server for its settings, which takes a minute. */
  static async start(): Promise<Keycloak> {
    const port = await freePort();
    const password = randomBytes(12).toString('hex');
    const server = new PeerProcess(program(), ['start-dev', '--db=dev-mem', '--http-host=127.0.0.1', `--http-port=${port}`], {
      KC_BOOTSTRAP_ADMIN_USERNAME: ADMIN,
      KC_BOOTSTRAP_ADMIN_PASSWORD: password,
    });
    // Whatever becomes of the test: the server does not outlive it.
    const leave = () => server.signal('SIGTERM');
    process.once('exit', leave);
    let ended = false;
    void server.exit.then(() => {
      ended = true;
      process.off('exit', leave);
    });
    // To a browser `localhost` is another site than the hub's 127.0.0.1, as a provider is in life.
    const keycloak = new Keycloak(`http://localhost:${port}`, server, password);
    const up = () => fetch(`${keycloak.url}/realms/master`).then(({ ok }) => ok);
    await eventually(async () => ended || (await up()), { withinMs: 240_000, everyMs: 250 }).catch(async (error: unknown) => {
      await server.stop();
      throw new Error(`Keycloak did not start:\n${server.output.slice(-4_000)}`, { cause: error });
    });
    if (ended) throw new Error(`Keycloak ended while starting:\n${server.output.slice(-4_000)}`);
    return keycloak;
  }

  async stop(): Promise<void> {
    await this.#server.stop();
  }

  /** Asks the administrators' API, below `/admin/realms`. Throws where it does not do it. Gives the JSON that it answers, or the id of what was made. */
  async admin(method: string, path: string, body?: unknown): Promise<unknown> {
    const reply = await fetch(`${this.url}/admin/realms${path}`, {
      method,
      headers: { authorization: `Bearer ${await this.#token()}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`);
    return text === '' ? reply.headers.get('location')?.split('/').at(-1) : JSON.parse(text);
  }

  /** They live a minute: a new one each time. */
  async #token(): Promise<string> {
    const reply = await fetch(`${this.url}/realms/master/protocol/openid-connect/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', username: ADMIN, password: this.#password }),
    });
    const { access_token: token } = (await reply.json()) as { access_token?: string };
    if (token === undefined) throw new Error(`Keycloak gave its administrator no token: ${reply.status}`);
    return token;
  }
}
