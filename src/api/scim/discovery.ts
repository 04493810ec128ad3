import { ENTERPRISE } from './patch.ts';
import { GROUP_SCHEMA, ROOT, USER_SCHEMA } from './resource.ts';

export const MOST_RESULTS = 1_000;

export const SERVICE_PROVIDER_CONFIG = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: MOST_RESULTS },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: false },
  authenticationSchemes: [
    { type: 'oauthbearertoken', name: 'Bearer token', description: 'A token of Earshot with the scope scim.', primary: true },
  ],
  meta: { resourceType: 'ServiceProviderConfig', location: `${ROOT}/ServiceProviderConfig` },
} as const;

const resourceType = (id: 'User' | 'Group', schema: string, schemaExtensions: readonly object[]) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
  id,
  name: id,
  endpoint: `/${id}s`,
  schema,
  schemaExtensions,
  meta: { resourceType: 'ResourceType', location: `${ROOT}/ResourceTypes/${id}` },
});

export const RESOURCE_TYPES = [
  resourceType('User', USER_SCHEMA, [{ schema: ENTERPRISE, required: false }]),
  resourceType('Group', GROUP_SCHEMA, []),
] as const;

interface AttributeMore {
  readonly type?: string;
  readonly required?: boolean;
  readonly multiValued?: boolean;
  readonly uniqueness?: string;
  readonly mutability?: string;
  readonly subAttributes?: readonly object[];
}

const attribute = (name: string, description: string, more: AttributeMore = {}) => ({
  name,
  description,
  type: 'string',
  multiValued: false,
  required: false,
  caseExact: false,
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
  ...more,
});

const VALUE = [
  attribute('value', 'The value.'),
  attribute('type', 'What kind it is of.'),
  attribute('primary', 'Preferred.', { type: 'boolean' }),
];
const REFERENCE = [attribute('value', 'Its id.'), attribute('display', 'What to call it.', { mutability: 'readOnly' })];

const schema = (id: string, name: string, description: string, attributes: readonly object[]) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
  id,
  name,
  description,
  attributes,
  meta: { resourceType: 'Schema', location: `${ROOT}/Schemas/${id}` },
});

export const SCHEMAS = [
  schema(USER_SCHEMA, 'User', 'A person.', [
    attribute('userName', 'The name they sign in with.', { required: true, uniqueness: 'server' }),
    attribute('externalId', 'Their id in the identity provider.'),
    attribute('displayName', 'What to call them.'),
    attribute('title', 'Their title.'),
    attribute('active', 'False for who has left.', { type: 'boolean' }),
    attribute('name', 'Their name.', {
      type: 'complex',
      subAttributes: ['formatted', 'givenName', 'familyName'].map((name) => attribute(name, 'Part of the name.')),
    }),
    attribute('emails', 'Addresses of mail.', { type: 'complex', multiValued: true, subAttributes: VALUE }),
    attribute('groups', 'Groups they are in.', { type: 'complex', multiValued: true, mutability: 'readOnly', subAttributes: REFERENCE }),
  ]),
  schema(GROUP_SCHEMA, 'Group', 'A group of persons.', [
    attribute('displayName', 'What to call it.', { required: true, uniqueness: 'server' }),
    attribute('externalId', 'Its id in the identity provider.'),
    attribute('members', 'Who is in it.', { type: 'complex', multiValued: true, subAttributes: REFERENCE }),
  ]),
  schema(ENTERPRISE, 'EnterpriseUser', 'A person at work.', [
    attribute('department', 'Their department.'),
    attribute('manager', 'Their manager.', { type: 'complex', subAttributes: REFERENCE }),
  ]),
] as const;
