import { type ColumnDefinitionBuilder, type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { acts } from './migration-acts.ts';
import { alertLife } from './migration-alert-life.ts';
import { asks } from './migration-asks.ts';
import { clicks } from './migration-clicks.ts';
import { commands } from './migration-commands.ts';
import { correlations } from './migration-correlations.ts';
import { counters } from './migration-counters.ts';
import { digests } from './migration-digests.ts';
import { findings } from './migration-findings.ts';
import { formerVersions } from './migration-former-versions.ts';
import { listProbes } from './migration-list-probes.ts';
import { listening } from './migration-listening.ts';
import { messages } from './migration-messages.ts';
import { mutes } from './migration-mutes.ts';
import { people } from './migration-people.ts';
import { ruleCare } from './migration-rule-care.ts';
import { savedSearches } from './migration-saved-searches.ts';
import { silence } from './migration-silence.ts';
import { trustLooks } from './migration-trust-looks.ts';
import { whisperCharts } from './migration-whisper-charts.ts';

export type DatabaseKind = 'sqlite' | 'postgres';

/** Steps of the schema by name, in byte order. A step that was released is never changed: another follows it. */
export const migrations = (kind: DatabaseKind): Record<string, Migration> => ({
  '0001_alerts': { up: (db) => alerts(db, kind) },
  '0002_outbox': { up: (db) => outbox(db, kind) },
  '0003_positions': { up: (db) => positions(db, kind) },
  '0004_access': { up: (db) => access(db, kind) },
  '0005_users': { up: (db) => users(db, kind) },
  '0007_alert_life': { up: (db) => alertLife(db, keyText(kind)) },
  '0008_people': { up: (db) => people(db, keyText(kind)) },
  '0009_messages': { up: (db) => messages(db, keyText(kind)) },
  '0010_saved_searches': { up: (db) => savedSearches(db, keyText(kind)) },
  '0011_findings': { up: (db) => findings(db, keyText(kind)) },
  '0012_correlations': { up: (db) => correlations(db, keyText(kind)) },
  '0014_silence': { up: (db) => silence(db, keyText(kind)) },
  '0015_rule_care': { up: (db) => ruleCare(db, keyText(kind)) },
  '0016_counters': { up: (db) => counters(db, keyText(kind)) },
  '0017_list_probes': { up: (db) => listProbes(db, keyText(kind)) },
  '0018_key_fingerprints': { up: keyFingerprints },
  '0019_former_versions': { up: (db) => formerVersions(db, keyText(kind)) },
  '0020_clicks': { up: (db) => clicks(db, keyText(kind)) },
  '0021_acts': { up: (db) => acts(db, keyText(kind)) },
  '0022_listening': { up: (db) => listening(db, keyText(kind)) },
  '0023_mutes': { up: (db) => mutes(db, keyText(kind)) },
  '0024_digests': { up: (db) => digests(db, keyText(kind)) },
  '0025_commands': { up: commands },
  '0026_whisper_charts': { up: whisperCharts },
  '0027_asks': { up: (db) => asks(db, keyText(kind)) },
  '0028_trust_looks': { up: (db) => trustLooks(db, keyText(kind)) },
});

// A migration sees the schema of its own time, which the types of today do not describe.
type AnyDb = Kysely<unknown>;

/** Keys compare byte by byte in both databases; PostgreSQL's default collation may sort and match otherwise. */
const keyText = (kind: DatabaseKind) => (kind === 'postgres' ? sql`text collate "C"` : sql`text`);

async function alerts(db: AnyDb, kind: DatabaseKind): Promise<void> {
  const key = keyText(kind);
  await db.schema
    .createTable('alerts')
    .addColumn('id', key, (column) => column.primaryKey().notNull())
    .addColumn('rule_id', 'text', (column) => column.notNull())
    .addColumn('rule_version', 'text', (column) => column.notNull())
    .addColumn('rule_name', 'text', (column) => column.notNull())
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('level', 'text', (column) => column.notNull())
    .addColumn('episode_key', key, (column) => column.notNull())
    .addColumn('group_values', 'text', (column) => column.notNull())
    .addColumn('count', 'bigint', (column) => column.notNull())
    .addColumn('late_count', 'bigint', (column) => column.notNull())
    .addColumn('first_at', 'bigint', (column) => column.notNull())
    .addColumn('last_at', 'bigint', (column) => column.notNull())
    .addColumn('told', 'text', (column) => column.notNull())
    .addColumn('tags', 'text', (column) => column.notNull())
    .addColumn('next_steps', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('opened_at', 'bigint', (column) => column.notNull())
    .addColumn('changed_at', 'bigint', (column) => column.notNull())
    .addColumn('changes', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('alerts_episode').on('alerts').columns(['episode_key', 'last_at']).execute();
  await db.schema.createIndex('alerts_last').on('alerts').columns(['last_at', 'id']).execute();
  await db.schema.createIndex('alerts_state').on('alerts').columns(['state', 'last_at', 'id']).execute();
  await db.schema
    .createTable('alert_events')
    .addColumn('alert_id', key, (column) => column.notNull().references('alerts.id').onDelete('cascade'))
    .addColumn('position', 'bigint', (column) => column.notNull())
    .addColumn('event_id', 'text', (column) => column.notNull())
    .addColumn('evidence', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('alert_events_pk', ['alert_id', 'position'])
    .execute();
  await db.schema
    .createTable('alert_changes')
    .addColumn('alert_id', key, (column) => column.notNull().references('alerts.id').onDelete('cascade'))
    .addColumn('position', 'bigint', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('change', 'text', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('note', 'text', (column) => column.notNull())
    .addColumn('count', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('alert_changes_pk', ['alert_id', 'position'])
    .execute();
}

async function outbox(db: AnyDb, kind: DatabaseKind): Promise<void> {
  const key = keyText(kind);
  await db.schema
    .createTable('outbox')
    .addColumn('key', key, (column) => column.primaryKey().notNull())
    .addColumn('notifier', key, (column) => column.notNull())
    .addColumn('alert_id', key, (column) => column.notNull().references('alerts.id').onDelete('cascade'))
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('batch', key)
    .addColumn('alone', 'bigint', (column) => column.notNull())
    .addColumn('attempts', 'bigint', (column) => column.notNull())
    .addColumn('possible_repeat', 'bigint', (column) => column.notNull())
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('changed_at', 'bigint', (column) => column.notNull())
    .addColumn('why', 'text')
    .addColumn('ref', 'text')
    .execute();
  await db.schema.createIndex('outbox_waiting').on('outbox').columns(['state', 'notifier', 'due_at']).execute();
  await db.schema.createIndex('outbox_alert').on('outbox').column('alert_id').execute();
  await db.schema.createIndex('outbox_batch').on('outbox').column('batch').execute();
}

async function positions(db: AnyDb, kind: DatabaseKind): Promise<void> {
  const key = keyText(kind);
  await db.schema
    .createTable('watermarks')
    .addColumn('node', 'bigint', (column) => column.primaryKey().notNull())
    .addColumn('last_seq', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('ingest_keys')
    .addColumn('key', key, (column) => column.primaryKey().notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('node', 'bigint', (column) => column.notNull())
    .addColumn('first_seq', 'bigint', (column) => column.notNull())
    .addColumn('count', 'bigint', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('ingest_keys_age').on('ingest_keys').column('created_at').execute();
  await db.schema
    .createTable('checkpoints')
    .addColumn('source', key, (column) => column.primaryKey().notNull())
    .addColumn('checkpoint', 'text', (column) => column.notNull())
    .addColumn('changed_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('chain_links')
    .addColumn('node', 'bigint', (column) => column.notNull())
    .addColumn('last_seq', 'bigint', (column) => column.notNull())
    .addColumn('first_seq', 'bigint', (column) => column.notNull())
    .addColumn('count', 'bigint', (column) => column.notNull())
    .addColumn('previous', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('chain_links_pk', ['node', 'last_seq'])
    .execute();
}

async function access(db: AnyDb, kind: DatabaseKind): Promise<void> {
  const key = keyText(kind);
  await db.schema
    .createTable('tokens')
    .addColumn('id', key, (column) => column.primaryKey().notNull())
    .addColumn('name', key, (column) => column.notNull().unique())
    .addColumn('hash', key, (column) => column.notNull().unique())
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('last_used_at', 'bigint')
    .execute();
  await db.schema
    .createTable('leases')
    .addColumn('name', key, (column) => column.primaryKey().notNull())
    .addColumn('holder', 'text', (column) => column.notNull())
    .addColumn('token', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('locks')
    .addColumn('name', key, (column) => column.primaryKey().notNull())
    .addColumn('taken', 'bigint', (column) => column.notNull())
    .execute();
}

async function users(db: AnyDb, kind: DatabaseKind): Promise<void> {
  const key = keyText(kind);
  await db.schema
    .createTable('users')
    .addColumn('id', key, (column) => column.primaryKey().notNull())
    .addColumn('name', key, (column) => column.notNull().unique())
    .addColumn('display_name', 'text', (column) => column.notNull())
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('datasets', 'text', (column) => column.notNull())
    .addColumn('password', 'text')
    .addColumn('provider_subject', key, (column) => column.unique())
    .addColumn('disabled', 'bigint', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('last_sign_in_at', 'bigint')
    .execute();
  const user = (column: ColumnDefinitionBuilder) => column.notNull().references('users.id').onDelete('cascade');
  await db.schema
    .createTable('sessions')
    .addColumn('id', key, (column) => column.primaryKey().notNull())
    .addColumn('hash', key, (column) => column.notNull().unique())
    .addColumn('user_id', key, user)
    .addColumn('way', 'text', (column) => column.notNull())
    .addColumn('address', 'text', (column) => column.notNull())
    .addColumn('agent', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('used_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('sessions_user').on('sessions').column('user_id').execute();
  await db.schema.createIndex('sessions_used').on('sessions').column('used_at').execute();
  await db.schema
    .createTable('setup_links')
    .addColumn('hash', key, (column) => column.primaryKey().notNull())
    .addColumn('user_id', key, (column) => column.references('users.id').onDelete('cascade'))
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('known_addresses')
    .addColumn('user_id', key, user)
    .addColumn('address', key, (column) => column.notNull())
    .addColumn('seen_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('known_addresses_pk', ['user_id', 'address'])
    .execute();
  await db.schema.alterTable('tokens').addColumn('datasets', 'text').execute();
}

async function keyFingerprints(db: AnyDb): Promise<void> {
  await db.schema.alterTable('ingest_keys').addColumn('fingerprint', 'text').execute();
}
