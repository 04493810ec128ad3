import type { Result } from '../../lib/result.ts';
import type { ListKind, NamedList } from '../../model/named-list.ts';

/** The tables of people and lists, see `Tables` in state.ts for what their values are. */
export interface PeopleTables {
  look_up_changes: { name: keyof LookUpVersions | 'rules' | 'listening' | 'mutes'; version: number };
  named_lists: ListRow;
  list_entries: ListEntryRow;
  scim_users: ScimUserRow;
  scim_groups: ScimGroupRow;
  scim_members: { group_id: string; user_id: string };
}

export interface ListRow {
  name: string;
  kind: ListKind;
  reason: string;
  author: string;
  /** JSON array. */
  fields: string;
  created_at: number;
}

export interface ListEntryRow {
  list_name: string;
  /** The value in lower case: one entry a value. */
  value_key: string;
  value: string;
  reason: string;
  author: string;
  created_at: number;
  expires_at: number | null;
}

export interface ScimUserRow {
  id: string;
  /** `userName` in lower case: it is compared without regard to case (RFC 7643, section 4.1.1). */
  user_name_key: string;
  external_id: string | null;
  /** Attributes as JSON, but for those that the server makes. */
  resource: string;
  created_at: number;
  changed_at: number;
}

export interface ScimGroupRow {
  id: string;
  name_key: string;
  external_id: string | null;
  resource: string;
  created_at: number;
  changed_at: number;
}

/** Attributes of a SCIM resource as JSON. */
export type ScimAttributes = { readonly [name: string]: unknown };

export interface StoredUser {
  readonly id: string;
  readonly attributes: ScimAttributes;
  readonly groups: readonly { readonly id: string; readonly name: string }[];
  readonly createdAt: number;
  readonly changedAt: number;
}

export interface StoredGroup {
  readonly id: string;
  readonly attributes: ScimAttributes;
  /** Absent where they were not asked for. */
  readonly members?: readonly { readonly id: string; readonly name: string }[];
  readonly createdAt: number;
  readonly changedAt: number;
}

export interface ScimQuery {
  /** Compared without regard to case but for `id` and `externalId`. Absent: all. */
  readonly where?: { readonly attribute: 'id' | 'name' | 'externalId'; readonly value: string };
  /** From 0. */
  readonly offset: number;
  readonly limit: number;
}

/** What of a resource is in columns of its own. */
export interface ScimKeys {
  readonly name: string;
  readonly externalId: string | undefined;
}

export type ScimFault = 'taken' | 'not_found' | 'no_such_member';

/** A change of a group: its attributes, and who is in it afterwards where that changes. */
export interface GroupChange {
  readonly keys: ScimKeys;
  readonly attributes: ScimAttributes;
  readonly members?: { readonly set?: readonly string[]; readonly add?: readonly string[]; readonly remove?: readonly string[] };
}

/** Users and groups as an identity provider told them over SCIM. */
export interface ScimStore {
  users(query: ScimQuery): Promise<{ readonly total: number; readonly found: readonly StoredUser[] }>;
  user(id: string): Promise<StoredUser | undefined>;
  createUser(keys: ScimKeys, attributes: ScimAttributes): Promise<Result<StoredUser, 'taken'>>;
  /** `change` may run again where the database asks for that. */
  changeUser<F>(
    id: string,
    change: (user: StoredUser) => Result<{ readonly keys: ScimKeys; readonly attributes: ScimAttributes }, F>,
  ): Promise<Result<StoredUser, ScimFault | F>>;
  deleteUser(id: string): Promise<boolean>;
  groups(query: ScimQuery & { readonly withMembers: boolean }): Promise<{ readonly total: number; readonly found: readonly StoredGroup[] }>;
  group(id: string): Promise<StoredGroup | undefined>;
  createGroup(change: GroupChange): Promise<Result<StoredGroup, 'taken' | 'no_such_member'>>;
  changeGroup<F>(id: string, change: (group: StoredGroup) => Result<GroupChange, F>): Promise<Result<StoredGroup, ScimFault | F>>;
  deleteGroup(id: string): Promise<boolean>;
}

export interface NewEntry {
  readonly value: string;
  readonly reason: string;
  readonly author: string;
  readonly expiresAt?: number;
}

/** Named lists that the hub keeps itself. */
export interface ListStore {
  all(): Promise<NamedList[]>;
  create(list: Pick<NamedList, 'name' | 'kind' | 'reason' | 'author' | 'fields'>): Promise<boolean>;
  describe(name: string, reason: string): Promise<boolean>;
  delete(name: string): Promise<boolean>;
  /** Adds entries, and puts new ones in the place of those with the same value. `full`: nothing was added. */
  put(name: string, entries: readonly NewEntry[], most: number): Promise<'done' | 'not_found' | 'full'>;
  remove(name: string, value: string): Promise<boolean>;
}

/** Numbers that grow with every change, also by another hub on the same database. */
export type LookUpVersions = Readonly<Record<'people' | 'lists', number>>;
