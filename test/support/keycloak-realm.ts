import { readFileSync } from 'node:fs';
import type { Keycloak } from './keycloak.ts';

/** Of all people in the realm. */
export const PASSWORD = 'correct horse battery';
export const CLIENT_SECRET = 'the secret of the client';

/** Who is there, and the groups they are in. */
const PEOPLE: Readonly<Record<string, readonly string[]>> = {
  vera: ['/soc/viewers'],
  anna: ['/soc/analysts'],
  rex: ['/soc/responders'],
  axel: ['/soc/admins'],
  mia: ['/soc/viewers', '/soc/responders'],
  'kim@example.com': ['/soc/analysts'],
  // A group of the same name elsewhere in the tree.
  paula: ['/partners/admins'],
  nora: [],
  // A name that a user of Earshot cannot have, and one that a local account has.
  josé: ['/soc/viewers'],
  ada: ['/soc/admins'],
};

const subGroups = (...names: string[]) => names.map((name) => ({ name }));

const REALM = {
  realm: 'acme',
  enabled: true,
  registrationAllowed: false,
  editUsernameAllowed: true,
  groups: [
    { name: 'soc', subGroups: subGroups('viewers', 'analysts', 'responders', 'admins') },
    { name: 'partners', subGroups: subGroups('admins') },
  ],
  users: Object.entries(PEOPLE).map(([username, groups], i) => ({
    username,
    enabled: true,
    firstName: `Given${i}`,
    lastName: `Family${i}`,
    email: username.includes('@') ? username : `person${i}@example.com`,
    emailVerified: true,
    credentials: [{ type: 'password', value: PASSWORD, temporary: false }],
    groups,
  })),
};

const guideClient = () =>
  JSON.parse(readFileSync('docs/guides/keycloak-client.json', 'utf8')) as { readonly redirectUris: readonly string[] };

/** A realm of made-up people with the client that docs/guides/keycloak.md has people import. */
export class AcmeRealm {
  readonly #keycloak: Keycloak;
  readonly #client: string;

  private constructor(keycloak: Keycloak, client: string) {
    this.#keycloak = keycloak;
    this.#client = client;
  }

  static async create(keycloak: Keycloak): Promise<AcmeRealm> {
    await keycloak.admin('POST', '', REALM);
    return new AcmeRealm(keycloak, String(await keycloak.admin('POST', '/acme/clients', { ...guideClient(), secret: CLIENT_SECRET })));
  }

  /** Makes it the client of the hub at this address, as the guide says. */
  async leadBackTo(hubUrl: string): Promise<void> {
    const redirectUris = guideClient().redirectUris.map((uri) => uri.replace('https://earshot.example.com', hubUrl));
    await this.changeClient({ redirectUris });
  }

  get issuer(): string {
    return `${this.#keycloak.url}/realms/acme`;
  }

  async #idOf(username: string): Promise<string> {
    const found = await this.#keycloak.admin('GET', `/acme/users?exact=true&username=${encodeURIComponent(username)}`);
    const id = (found as readonly { id: string }[])[0]?.id;
    if (id === undefined) throw new Error(`there is no ${username} in the realm`);
    return id;
  }

  async changePerson(username: string, change: Readonly<Record<string, unknown>>): Promise<void> {
    const path = `/acme/users/${await this.#idOf(username)}`;
    const before = (await this.#keycloak.admin('GET', path)) as object;
    await this.#keycloak.admin('PUT', path, { ...before, ...change });
  }

  async changeClient(change: Readonly<Record<string, unknown>>): Promise<void> {
    const path = `/acme/clients/${this.#client}`;
    const before = (await this.#keycloak.admin('GET', path)) as object;
    await this.#keycloak.admin('PUT', path, { ...before, ...change });
  }

  /** Ends their session at Keycloak: it asks for the password again. */
  async signOut(username: string): Promise<void> {
    await this.#keycloak.admin('POST', `/acme/users/${await this.#idOf(username)}/logout`);
  }

  async #groupId(path: string): Promise<string> {
    return ((await this.#keycloak.admin('GET', `/acme/group-by-path${path}`)) as { id: string }).id;
  }

  async join(username: string, group: string): Promise<void> {
    await this.#keycloak.admin('PUT', `/acme/users/${await this.#idOf(username)}/groups/${await this.#groupId(group)}`);
  }

  async leave(username: string, group: string): Promise<void> {
    await this.#keycloak.admin('DELETE', `/acme/users/${await this.#idOf(username)}/groups/${await this.#groupId(group)}`);
  }

  /** A role of the client's own, which the ID token has in the claim `earshot_roles`, as the guide says. */
  async giveClientRole(username: string, role: string): Promise<void> {
    const roles = `/acme/clients/${this.#client}/roles`;
    await this.#keycloak.admin('POST', roles, { name: role });
    await this.#keycloak.admin('POST', `/acme/clients/${this.#client}/protocol-mappers/models`, {
      name: 'roles',
      protocol: 'openid-connect',
      protocolMapper: 'oidc-usermodel-client-role-mapper',
      config: {
        'usermodel.clientRoleMapping.clientId': 'earshot',
        'claim.name': 'earshot_roles',
        'jsonType.label': 'String',
        multivalued: 'true',
        'id.token.claim': 'true',
      },
    });
    await this.#keycloak.admin('POST', `/acme/users/${await this.#idOf(username)}/role-mappings/clients/${this.#client}`, [
      await this.#keycloak.admin('GET', `${roles}/${role}`),
    ]);
  }

  /** Of the keys that it shows to whoever checks its signatures. */
  async signingKeys(): Promise<string[]> {
    const reply = await fetch(`${this.issuer}/protocol/openid-connect/certs`);
    const { keys } = (await reply.json()) as { keys: readonly { kid: string; use: string; alg: string }[] };
    return keys.filter(({ use }) => use === 'sig').map(({ kid }) => kid);
  }

  /** Signs with a new key, and takes all earlier ones of the realm away. */
  async rotateKey(kind: 'rsa-generated' | 'ecdsa-generated', config: Readonly<Record<string, readonly string[]>> = {}): Promise<void> {
    const { id } = (await this.#keycloak.admin('GET', '/acme')) as { id: string };
    const query = `/acme/components?parent=${id}&type=org.keycloak.keys.KeyProvider`;
    const before = (await this.#keycloak.admin('GET', query)) as readonly { id: string; providerId: string }[];
    await this.#keycloak.admin('POST', '/acme/components', {
      name: `new-${before.length}`,
      parentId: id,
      providerId: kind,
      providerType: 'org.keycloak.keys.KeyProvider',
      config: { priority: ['200'], ...config },
    });
    const signing = before.filter(({ providerId }) => ['rsa-generated', 'ecdsa-generated'].includes(providerId));
    for (const key of signing) await this.#keycloak.admin('DELETE', `/acme/components/${key.id}`);
  }
}
