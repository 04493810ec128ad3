import { afterEach, describe, expect, it } from 'vitest';
import { NOW, setUpApi } from '../../../test/support/api.ts';
import { type TestState, testState } from '../../../test/support/state.ts';
import { personOfScim } from '../../people/scim-person.ts';

const opened: TestState[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.remove();
});

const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

async function setUp() {
  const test = await testState(() => NOW);
  opened.push(test);
  const { token } = (await test.state.tokens.create({ name: 'okta', scopes: ['scim'] })) ?? { token: '' };
  const { token: other } = (await test.state.tokens.create({ name: 'reader', scopes: ['events:read'] })) ?? { token: '' };
  const { app, audits } = setUpApi({}, {}, { scim: test.state.scim, tokens: test.state.tokens });
  const ask = async (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown, bearer = token) => {
    const answer = await app.inject({
      method,
      url: `/scim/v2${path}`,
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/scim+json' },
      ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: answer.statusCode, headers: answer.headers, json: answer.body === '' ? undefined : JSON.parse(answer.body) };
  };
  const patch = (path: string, ...Operations: unknown[]) => ask('PATCH', path, { schemas: [PATCH], Operations });
  return { ask, patch, audits, other, scim: test.state.scim };
}

/** As Okta creates a user (developer.okta.com, SCIM 2.0 protocol reference). */
const OKTA_USER = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  userName: 'test.user@example.com',
  name: { givenName: 'Test', familyName: 'User' },
  emails: [{ primary: true, value: 'test.user@example.com', type: 'work' }],
  displayName: 'Test User',
  locale: 'en-US',
  externalId: '00ujl29u0le5T6Aj10h7',
  groups: [],
  password: '1mz050nq',
  active: true,
};

/** As Entra creates a user (learn.microsoft.com, "Develop a SCIM endpoint"). */
const ENTRA_USER = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', ENTERPRISE],
  externalId: '0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef',
  userName: 'Test_User_ab6490ee@example.com',
  active: true,
  emails: [{ primary: true, type: 'work', value: 'Test_User_fd0ea19b@example.com' }],
  meta: { resourceType: 'User' },
  name: { formatted: 'givenName familyName', familyName: 'familyName', givenName: 'givenName' },
  roles: [],
};

describe('as Okta does it', () => {
  it('looks a user up, creates them, finds them, changes them and lets them go', async () => {
    const { ask, patch, audits } = await setUp();
    const lookUp = `/Users?filter=${encodeURIComponent('userName eq "test.user@example.com"')}&startIndex=1&count=100`;
    expect(await ask('GET', lookUp)).toMatchObject({
      status: 200,
      json: {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
        totalResults: 0,
        startIndex: 1,
        itemsPerPage: 0,
        Resources: [],
      },
    });
    const made = await ask('POST', '/Users', OKTA_USER);
    const { id } = made.json;
    expect(made).toMatchObject({ status: 201, headers: { 'content-type': expect.stringContaining('application/scim+json') } });
    expect(made.headers.location).toMatch(new RegExp(`/scim/v2/Users/${id}$`));
    expect(made.json).toMatchObject({ userName: 'test.user@example.com', active: true, groups: [], meta: { resourceType: 'User' } });
    expect(JSON.stringify(made.json)).not.toContain('1mz050nq');
    expect((await ask('GET', lookUp)).json).toMatchObject({ totalResults: 1, Resources: [{ id }] });
    expect((await ask('POST', '/Users', { ...OKTA_USER, userName: 'TEST.user@example.com' })).json).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: '409',
      scimType: 'uniqueness',
      detail: 'Another has this userName.',
    });
    expect((await ask('PUT', `/Users/${id}`, { ...OKTA_USER, id, title: 'Clerk' })).json).toMatchObject({ id, title: 'Clerk' });
    expect((await patch(`/Users/${id}`, { op: 'replace', value: { active: false } })).json).toMatchObject({
      active: false,
      title: 'Clerk',
    });
    expect(audits.map(({ action, actor, about }) => [action, actor, about?.active])).toEqual([
      ['scim_user_create', 'okta', true],
      ['scim_user_change', 'okta', true],
      ['scim_user_change', 'okta', false],
    ]);
  });

  it('pushes a group, renames it, changes who is in it', async () => {
    const { ask, patch, scim } = await setUp();
    const alice = (await ask('POST', '/Users', { userName: 'alice' })).json.id;
    const bob = (await ask('POST', '/Users', { userName: 'bob' })).json.id;
    const made = await ask('POST', '/Groups', { displayName: 'Test SCIMv2', members: [{ value: alice, display: 'alice' }] });
    const { id } = made.json;
    expect(made).toMatchObject({ status: 201, json: { displayName: 'Test SCIMv2', members: [{ value: alice }] } });
    expect((await patch(`/Groups/${id}`, { op: 'replace', value: { id, displayName: 'Renamed' } })).status).toBe(204);
    await patch(
      `/Groups/${id}`,
      { op: 'remove', path: `members[value eq "${alice}"]` },
      { op: 'add', path: 'members', value: [{ value: bob }] },
    );
    expect((await ask('GET', `/Groups/${id}`)).json).toMatchObject({ displayName: 'Renamed', members: [{ value: bob, display: 'bob' }] });
    const user = await scim.user(bob);
    expect(user && personOfScim(user).groups).toEqual(['Renamed']);
    expect((await patch(`/Groups/${id}`, { op: 'add', path: 'members', value: [{ value: 'nobody' }] })).json).toMatchObject({
      status: '400',
    });
    expect((await ask('DELETE', `/Groups/${id}`)).status).toBe(204);
    expect((await ask('GET', `/Groups/${id}`)).json).toMatchObject({ status: '404' });
  });
});

describe('as Entra does it', () => {
  it('tests the connection, creates a user, writes what has changed in its own ways', async () => {
    const { ask, patch, scim } = await setUp();
    expect((await ask('GET', `/Users?filter=${encodeURIComponent('userName eq "non-existent user"')}`)).json).toMatchObject({
      totalResults: 0,
    });
    const { id } = (await ask('POST', '/Users', ENTRA_USER)).json;
    const changed = await patch(
      `/Users/${id}`,
      { op: 'Replace', path: 'emails[type eq "work"].value', value: 'updatedEmail@example.com' },
      { op: 'Replace', path: 'name.familyName', value: 'updatedFamilyName' },
      { op: 'Add', path: `${ENTERPRISE}:department`, value: 'Finance' },
      { op: 'Add', path: `${ENTERPRISE}:manager`, value: 'boss-id' },
      { op: 'Replace', path: 'active', value: 'False' },
    );
    expect(changed).toMatchObject({
      status: 200,
      json: {
        emails: [{ primary: true, type: 'work', value: 'updatedEmail@example.com' }],
        name: { familyName: 'updatedFamilyName', givenName: 'givenName' },
        [ENTERPRISE]: { department: 'Finance', manager: { value: 'boss-id' } },
        active: false,
      },
    });
    const user = await scim.user(id);
    expect(user && personOfScim(user)).toMatchObject({
      id,
      otherIds: [ENTRA_USER.userName, ENTRA_USER.externalId],
      displayName: 'givenName familyName',
      emails: ['updatedEmail@example.com'],
      department: 'Finance',
      manager: 'boss-id',
      active: false,
    });
    expect((await ask('DELETE', `/Users/${id}`)).status).toBe(204);
    expect((await ask('DELETE', `/Users/${id}`)).status).toBe(404);
  });

  it('asks for groups without their members, and takes all out at once', async () => {
    const { ask, patch } = await setUp();
    const alice = (await ask('POST', '/Users', { userName: 'alice' })).json.id;
    const { id } = (await ask('POST', '/Groups', { displayName: 'A', externalId: 'g1', members: [{ value: alice }] })).json;
    const found = await ask('GET', `/Groups?excludedAttributes=members&filter=${encodeURIComponent('externalId eq "g1"')}`);
    expect(found.json.Resources).toEqual([expect.not.objectContaining({ members: expect.anything() })]);
    await patch(`/Groups/${id}`, { op: 'Remove', path: 'members', value: [{ value: alice }] });
    expect((await ask('GET', `/Groups/${id}`)).json.members).toEqual([]);
    await patch(`/Groups/${id}`, { op: 'Add', path: 'members', value: [{ value: alice }] }, { op: 'Remove', path: 'members' });
    expect((await ask('GET', `/Groups/${id}?attributes=members`)).json).toEqual({ schemas: expect.anything(), id, members: [] });
  });
});

const PATCH_CASES: readonly { name: string; before: object; operations: readonly object[]; after: object }[] = [
  {
    name: 'adds to what has many values',
    before: { emails: [{ value: 'a' }] },
    operations: [{ op: 'add', path: 'emails', value: [{ value: 'a' }, { value: 'b' }] }],
    after: { emails: [{ value: 'a' }, { value: 'b' }] },
  },
  {
    name: 'replaces what has many values',
    before: { emails: [{ value: 'a' }] },
    operations: [{ op: 'replace', path: 'emails', value: [{ value: 'b' }] }],
    after: { emails: [{ value: 'b' }] },
  },
  {
    name: 'makes the element that it names',
    before: {},
    operations: [{ op: 'add', path: 'emails[type eq "work"].value', value: 'a' }],
    after: { emails: [{ type: 'work', value: 'a' }] },
  },
  {
    name: 'removes the elements that it names',
    before: {
      emails: [
        { type: 'work', value: 'a' },
        { type: 'home', value: 'b' },
      ],
    },
    operations: [{ op: 'remove', path: 'emails[type eq "WORK"]' }],
    after: { emails: [{ type: 'home', value: 'b' }] },
  },
  {
    name: 'takes names in any case',
    before: { displayName: 'A' },
    operations: [{ op: 'REPLACE', path: 'DISPLAYNAME', value: 'B' }],
    after: { displayName: 'B' },
  },
  {
    name: 'takes dotted names and schemas without a path',
    before: { name: { givenName: 'A' } },
    operations: [{ op: 'add', value: { 'name.familyName': 'B', [`${ENTERPRISE}:department`]: 'C' } }],
    after: { name: { givenName: 'A', familyName: 'B' }, [ENTERPRISE]: { department: 'C' } },
  },
  {
    name: 'merges an object',
    before: { name: { givenName: 'A' } },
    operations: [{ op: 'replace', path: 'name', value: { familyName: 'B' } }],
    after: { name: { givenName: 'A', familyName: 'B' } },
  },
  {
    name: 'removes',
    before: { title: 'A', name: { givenName: 'A', familyName: 'B' } },
    operations: [
      { op: 'remove', path: 'title' },
      { op: 'remove', path: 'name.givenName' },
    ],
    after: { name: { familyName: 'B' } },
  },
  { name: 'does not remove everything', before: {}, operations: [{ op: 'remove' }], after: { scimType: 'noTarget' } },
  { name: 'does not remove who it is', before: {}, operations: [{ op: 'remove', path: 'userName' }], after: { scimType: 'invalidValue' } },
  {
    name: 'refuses a path that it cannot read',
    before: {},
    operations: [{ op: 'add', path: 'a..b', value: 1 }],
    after: { scimType: 'invalidPath' },
  },
  {
    name: 'does not set what the server makes',
    before: {},
    operations: [{ op: 'replace', value: { id: 'x', meta: {}, groups: [1] } }],
    after: {},
  },
];

describe('PATCH', () => {
  it.each(PATCH_CASES)('$name', async ({ before, operations, after }) => {
    const { ask, patch } = await setUp();
    const { id } = (await ask('POST', '/Users', { userName: 'u', ...before })).json;
    const { json } = await patch(`/Users/${id}`, ...operations);
    const { schemas: _, id: __, meta: ___, groups: ____, active: _____, ...rest } = json;
    if ('scimType' in after) expect(json).toMatchObject(after);
    else expect(rest).toEqual({ userName: 'u', ...after });
  });
});

describe('faults', () => {
  it('are in the form of SCIM, whatever they are', async () => {
    const { ask, other } = await setUp();
    const error = (status: number, more: object = {}) => ({
      status,
      json: { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: `${status}`, detail: expect.any(String), ...more },
    });
    expect(await ask('GET', '/Users', undefined, 'ear_none')).toMatchObject(error(401));
    expect(await ask('GET', '/Users', undefined, other)).toMatchObject(error(403));
    expect(await ask('GET', '/Nothing')).toMatchObject(error(404));
    expect(await ask('GET', '/Users/none')).toMatchObject(error(404));
    expect(await ask('POST', '/Users', '{"userName":')).toMatchObject(error(400, { scimType: 'invalidSyntax' }));
    expect(await ask('POST', '/Users', {})).toMatchObject(error(400, { scimType: 'invalidValue' }));
    expect(await ask('POST', '/Users', { userName: 'u', active: 'perhaps' })).toMatchObject(error(400, { scimType: 'invalidValue' }));
    expect(await ask('PATCH', '/Users/x', { Operations: [{ op: 'move' }] })).toMatchObject(error(400, { scimType: 'invalidSyntax' }));
    expect(await ask('GET', `/Users?filter=${encodeURIComponent('userName co "x"')}`)).toMatchObject(
      error(400, { scimType: 'invalidFilter' }),
    );
    expect(await ask('GET', `/Users?filter=${encodeURIComponent('title eq "x"')}`)).toMatchObject(
      error(400, { scimType: 'invalidFilter' }),
    );
  });
});

describe('pages and descriptions', () => {
  it('gives users page by page, counted from 1', async () => {
    const { ask } = await setUp();
    for (const userName of ['a', 'b', 'c']) await ask('POST', '/Users', { userName });
    const names = async (query: string) => {
      const { json } = await ask('GET', `/Users?${query}`);
      return [json.totalResults, json.startIndex, ...json.Resources.map(({ userName }: { userName: string }) => userName)];
    };
    expect(new Set((await names('')).slice(2))).toEqual(new Set(['a', 'b', 'c']));
    const [, , second] = await names('startIndex=2&count=1');
    expect(await names('startIndex=2&count=1')).toEqual([3, 2, second]);
    expect(await names('count=0')).toEqual([3, 1]);
    expect((await names('startIndex=-5&count=9999')).length).toBe(5);
  });

  it('says what it can', async () => {
    const { ask } = await setUp();
    expect((await ask('GET', '/ServiceProviderConfig')).json).toMatchObject({ patch: { supported: true }, bulk: { supported: false } });
    expect((await ask('GET', '/ResourceTypes')).json.Resources.map(({ id }: { id: string }) => id)).toEqual(['User', 'Group']);
    expect((await ask('GET', '/Schemas')).json).toMatchObject({ totalResults: 3 });
    expect((await ask('GET', `/Schemas/${ENTERPRISE}`)).json).toMatchObject({ name: 'EnterpriseUser' });
    expect((await ask('GET', '/Schemas/none')).status).toBe(404);
  });
});
