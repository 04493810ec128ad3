import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { storable } from '../../lib/storable-text.ts';
import type { Maturity, NewException, RuleException, SetMaturity } from '../../model/rule-care.ts';
import { noteChange, ruleCareVersion } from './look-up-changes.ts';
import type { State } from './state.ts';

export interface RuleExceptionRow {
  id: string;
  /** JSON: an array of ids, or `any`. */
  rules: string;
  selection: string;
  reason: string;
  author: string;
  created_at: number;
  expires_at: number | null;
}

export interface RuleMaturityRow {
  rule_id: string;
  maturity: Maturity;
  reason: string;
  actor: string;
  at: number;
}

export interface KeptRuleCare {
  readonly version: number;
  /** The oldest first. */
  readonly exceptions: readonly RuleException[];
  readonly maturities: readonly SetMaturity[];
}

export interface RuleCareStore {
  /** Grows with every change. */
  version(): Promise<number>;
  all(): Promise<KeptRuleCare>;
  /** Undefined when there are too many. */
  addException(exception: NewException): Promise<RuleException | undefined>;
  /** False when there is none of that id. */
  deleteException(id: string): Promise<boolean>;
  setMaturity(set: Omit<SetMaturity, 'at'>): Promise<void>;
}

export const MOST_EXCEPTIONS = 1_000;

const rulesSchema = z.union([z.literal('any'), z.array(z.string())]);

export function createRuleCare(read: State['read'], transaction: State['transaction'], now: () => number): RuleCareStore {
  return {
    version: () => ruleCareVersion(read),

    all: async () => {
      // First: what is changed after it is read again.
      const version = await ruleCareVersion(read);
      const exceptions = await read((db) => db.selectFrom('rule_exceptions').selectAll().orderBy('created_at').orderBy('id').execute());
      const maturities = await read((db) => db.selectFrom('rule_maturity').selectAll().orderBy('rule_id').execute());
      return {
        version,
        exceptions: exceptions.map(exceptionOf),
        maturities: maturities.map(({ rule_id: ruleId, ...rest }) => ({ ruleId, ...rest })),
      };
    },

    addException: ({ rules, selection, reason, author, expiresAt }) =>
      transaction(async (tx) => {
        // First, so that two who add wait for one another.
        await noteChange(tx, 'rules');
        const { count } = await tx
          .selectFrom('rule_exceptions')
          .select((select) => select.fn.countAll().as('count'))
          .executeTakeFirstOrThrow();
        if (Number(count) >= MOST_EXCEPTIONS) return undefined;
        const row: RuleExceptionRow = {
          id: randomUUID(),
          rules: JSON.stringify(rules),
          selection: storable(selection),
          reason: storable(reason),
          author: storable(author),
          created_at: now(),
          expires_at: expiresAt ?? null,
        };
        await tx.insertInto('rule_exceptions').values(row).execute();
        return exceptionOf(row);
      }),

    deleteException: (id) =>
      transaction(async (tx) => {
        const gone = await tx.deleteFrom('rule_exceptions').where('id', '=', storable(id)).executeTakeFirst();
        if (gone.numDeletedRows > 0n) await noteChange(tx, 'rules');
        return gone.numDeletedRows > 0n;
      }),

    setMaturity: ({ ruleId, maturity, reason, actor }) =>
      transaction(async (tx) => {
        const said = { maturity, reason: storable(reason), actor: storable(actor), at: now() };
        await tx
          .insertInto('rule_maturity')
          .values({ rule_id: storable(ruleId), ...said })
          .onConflict((conflict) => conflict.column('rule_id').doUpdateSet(said))
          .execute();
        await noteChange(tx, 'rules');
      }),
  };
}

const exceptionOf = ({ rules, created_at: createdAt, expires_at: expiresAt, ...row }: RuleExceptionRow): RuleException => ({
  ...row,
  rules: rulesSchema.parse(JSON.parse(rules)),
  createdAt,
  ...(expiresAt !== null && { expiresAt }),
});
