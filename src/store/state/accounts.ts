import type { Result } from '../../lib/result.ts';
import type { Role } from '../../model/role.ts';

export interface UserRow {
  id: string;
  /** In lower case: two people must not differ by it. */
  name: string;
  display_name: string;
  role: Role;
  /** JSON array. */
  datasets: string;
  /** Argon2id in PHC form; null while they have none. */
  password: string | null;
  /** Issuer and subject of an OpenID provider, by which it names them; null for a local account. */
  provider_subject: string | null;
  disabled: number;
  created_at: number;
  last_sign_in_at: number | null;
}

export interface SessionRow {
  id: string;
  /** SHA-256 of the cookie, lower-case hex. */
  hash: string;
  user_id: string;
  way: SessionInfo['way'];
  address: string;
  agent: string;
  created_at: number;
  used_at: number;
}

export interface SetupLinkRow {
  /** SHA-256 of the code, lower-case hex. */
  hash: string;
  /** Whom it lets choose a password; null: makes the first administrator. */
  user_id: string | null;
  expires_at: number;
}

export interface KnownAddressRow {
  user_id: string;
  address: string;
  seen_at: number;
}

export interface User {
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  readonly role: Role;
  /** The datasets whose events they may see, with `*` as a wildcard. */
  readonly datasets: readonly string[];
  readonly hasPassword: boolean;
  /** Signs in through an OpenID provider, whose word counts for role and datasets. */
  readonly fromProvider: boolean;
  readonly disabled: boolean;
  readonly createdAt: number;
  readonly lastSignInAt: number | undefined;
}

export type NewUser = Pick<User, 'name' | 'displayName' | 'role' | 'datasets'>;
export type UserChange = Partial<Pick<User, 'displayName' | 'role' | 'datasets' | 'disabled'>>;

/** Who may sign in. Names are given in lower case. */
export interface UserStore {
  any(): Promise<boolean>;
  list(): Promise<User[]>;
  byId(id: string): Promise<User | undefined>;
  byName(name: string): Promise<User | undefined>;
  /** Undefined when the name is taken. */
  create(user: NewUser): Promise<User | undefined>;
  /** What a sign-in by password is checked with; `known`: they have signed in from this address before. */
  credentials(
    name: string,
    address: string,
  ): Promise<{ readonly user: User; readonly password: string | undefined; readonly known: boolean } | undefined>;
  setPassword(id: string, hash: string): Promise<void>;
  /** Remembers when, and from where; the oldest addresses are forgotten. */
  signedIn(id: string, address: string): Promise<void>;
  /** Who is disabled has no session any more, in the same moment. `last_admin`: nobody else could undo it. */
  change(id: string, change: UserChange): Promise<Result<User, 'not_found' | 'last_admin'>>;
  remove(id: string): Promise<Result<User, 'not_found' | 'last_admin'>>;
  /** Who the provider says is there, made or brought up to date. `name_taken`: by an account that is not this provider's. */
  fromProvider(subject: string, user: NewUser): Promise<Result<{ readonly after: User; readonly before: User | undefined }, 'name_taken'>>;
}

export interface SessionInfo {
  readonly id: string;
  readonly way: 'password' | 'provider' | 'link';
  readonly address: string;
  readonly agent: string;
  readonly createdAt: number;
  readonly usedAt: number;
}

/** In milliseconds: since the last use, and since the sign-in. */
export interface SessionBounds {
  readonly idleMs: number;
  readonly mostMs: number;
}

export interface SessionStore {
  /** A new session. Its token is given here once and kept nowhere. */
  open(userId: string, from: Pick<SessionInfo, 'way' | 'address' | 'agent'>): Promise<{ readonly id: string; readonly token: string }>;
  /** The session with its user as they are now; undefined when it has ended or they are disabled. Counts as a use. */
  find(token: string, bounds: SessionBounds): Promise<{ readonly id: string; readonly user: User } | undefined>;
  list(userId: string, bounds: SessionBounds): Promise<SessionInfo[]>;
  /** Ends one session of the user, or all but `except`. Gives how many. */
  end(userId: string, which: { readonly id: string } | { readonly except?: string }): Promise<number>;
  /** Forgets those that are past their bounds. */
  prune(bounds: SessionBounds): Promise<void>;
}

/** One-time links: who holds one chooses a password. */
export interface SetupLinks {
  /** A new link's code, which takes the place of the user's earlier ones. Without a user: the link that makes the first account. */
  create(userId: string | undefined, ttlMs: number): Promise<{ readonly code: string; readonly expiresAt: number }>;
  /** Whom it is for; `first` where it makes the first account. Undefined when it is not known, used or too old. */
  look(code: string): Promise<User | 'first' | undefined>;
  /** Uses a user's link up: sets the password and ends their sessions. Undefined as for {@link SetupLinks.look}. */
  accept(code: string, password: string): Promise<User | undefined>;
  /** Uses up the link that makes the first account, an administrator's. Undefined also when somebody has an account meanwhile. */
  acceptFirst(code: string, first: Pick<NewUser, 'name' | 'displayName'>, password: string): Promise<User | undefined>;
}
