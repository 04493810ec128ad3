import { createHash, createHmac, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

type Json = Record<string, unknown>;

export interface IssuerOptions {
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** By which name of this machine it is found: to a browser `localhost` is another site than 127.0.0.1. */
  readonly host?: string;
}

interface Grant {
  readonly challenge: string;
  readonly nonce: string | undefined;
  readonly redirectUri: string;
}

/**
 * An OpenID provider as OpenID Connect Core and Discovery have it: discovery, JWKS, authorization code with PKCE, signed ID tokens. Whoever
 * comes is `claims` and has signed in already. What a test spoils, it spoils on the way out.
 */
export class OidcIssuer {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Who signs in next. */
  claims: Json = { sub: '1', preferred_username: 'ada', name: 'Ada L.', groups: ['soc'] };
  /** Changes the next ID tokens: their claims, their header, and the key they are signed with. */
  spoil: { readonly claims?: Json; readonly header?: Json; readonly signature?: 'wrong_key' | 'none' | 'hmac' } = {};
  /** How often the token endpoint gave tokens. */
  granted = 0;
  readonly #host: string;
  readonly #server: Server;
  #key = generateKeyPairSync('rsa', { modulusLength: 2048 });
  #rotated = 0;
  readonly #wrongKey = generateKeyPairSync('rsa', { modulusLength: 2048 });
  readonly #grants = new Map<string, Grant>();

  private constructor({ clientId = 'earshot', clientSecret = 'the secret of the client', host = '127.0.0.1' }: IssuerOptions) {
    this.#host = host;
    this.clientId = clientId;
    this.clientSecret = clientSecret;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(options: IssuerOptions = {}): Promise<OidcIssuer> {
    const issuer = new OidcIssuer(options);
    issuer.#server.listen(0, '127.0.0.1');
    await once(issuer.#server, 'listening');
    return issuer;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the issuer does not listen');
    return `http://${this.#host}:${address.port}`;
  }

  /** Signs with a new key from now on, and shows no other. */
  rotateKey(): void {
    this.#key = generateKeyPairSync('rsa', { modulusLength: 2048 });
    this.#rotated += 1;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<ServerResponse> {
    const url = new URL(request.url ?? '/', this.url);
    if (url.pathname === '/.well-known/openid-configuration') return json(response, 200, this.#discovery());
    if (url.pathname === '/jwks')
      return json(response, 200, { keys: [{ ...this.#key.publicKey.export({ format: 'jwk' }), ...this.#keyInfo() }] });
    if (url.pathname === '/authorize') return this.#authorize(url, response);
    if (url.pathname === '/token' && request.method === 'POST') return this.#token(await formOf(request), request, response);
    return json(response, 404, {});
  }

  #discovery(): Json {
    return {
      issuer: this.url,
      authorization_endpoint: `${this.url}/authorize`,
      token_endpoint: `${this.url}/token`,
      jwks_uri: `${this.url}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
      code_challenge_methods_supported: ['S256'],
    };
  }

  #authorize(url: URL, response: ServerResponse): ServerResponse {
    const { searchParams: asked } = url;
    const redirectUri = asked.get('redirect_uri') ?? '';
    const challenge = asked.get('code_challenge');
    const sound =
      asked.get('client_id') === this.clientId &&
      asked.get('response_type') === 'code' &&
      asked.get('code_challenge_method') === 'S256' &&
      asked.get('scope')?.split(' ').includes('openid') === true;
    if (!sound || challenge === null) return json(response, 400, { error: 'invalid_request' });
    const code = randomBytes(24).toString('base64url');
    this.#grants.set(code, { challenge, nonce: asked.get('nonce') ?? undefined, redirectUri });
    const back = new URL(redirectUri);
    back.searchParams.set('code', code);
    back.searchParams.set('state', asked.get('state') ?? '');
    return response.writeHead(302, { location: back.href }).end();
  }

  #token(form: URLSearchParams, request: IncomingMessage, response: ServerResponse): ServerResponse {
    if (!this.#isClient(form, request)) return json(response, 401, { error: 'invalid_client' });
    const code = form.get('code') ?? '';
    const grant = this.#grants.get(code);
    this.#grants.delete(code);
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (grant === undefined || grant.challenge !== challenge || grant.redirectUri !== form.get('redirect_uri'))
      return json(response, 400, { error: 'invalid_grant' });
    this.granted += 1;
    return json(response, 200, { access_token: 'unused', token_type: 'Bearer', expires_in: 60, id_token: this.#idToken(grant) });
  }

  #isClient(form: URLSearchParams, { headers }: IncomingMessage): boolean {
    const basic = Buffer.from(headers.authorization?.replace(/^Basic /, '') ?? '', 'base64')
      .toString()
      .split(':')
      .map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
    const [id, secret] = headers.authorization === undefined ? [form.get('client_id'), form.get('client_secret')] : basic;
    return id === this.clientId && secret === this.clientSecret;
  }

  #idToken({ nonce }: Grant): string {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: this.url, aud: this.clientId, iat: now, exp: now + 300, nonce, ...this.claims, ...this.spoil.claims };
    const { alg, kid } = this.#keyInfo();
    const head = { alg, kid, typ: 'JWT', ...this.spoil.header };
    const text = [head, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${text}.${this.#signature(text)}`;
  }

  #keyInfo() {
    return { kid: `k1.${this.#rotated}`, use: 'sig', alg: 'RS256' };
  }

  #signature(text: string): string {
    const by = (key: KeyObject) => sign('sha256', Buffer.from(text), key).toString('base64url');
    switch (this.spoil.signature) {
      case 'none':
        return '';
      case 'wrong_key':
        return by(this.#wrongKey.privateKey);
      case 'hmac':
        // The old trick: the public key as the secret of a symmetric signature.
        return createHmac('sha256', this.#key.publicKey.export({ type: 'spki', format: 'pem' }))
          .update(text)
          .digest('base64url');
      default:
        return by(this.#key.privateKey);
    }
  }
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return new URLSearchParams(text);
}

function json(response: ServerResponse, status: number, body: Json): ServerResponse {
  return response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
