import type { z } from 'zod';
import type { AlertDetails } from '../model/found.ts';
import type { alertDetails } from './contract/alert-details.ts';
import { iso } from './time-range.ts';

/** Why an alert is one, as programs read it. */
export function detailsJson(details: AlertDetails): z.input<typeof alertDetails> {
  switch (details.kind) {
    case 'correlation': {
      const { kind, type, timespanMs, fields, condition, value, legs } = details;
      const counted = legs.map(({ ruleId, title, count, countedRuleIds }) => ({
        ...{ rule_id: ruleId, title, count },
        ...(countedRuleIds !== undefined && { counted_rule_ids: [...countedRuleIds] }),
      }));
      const more = { ...(fields !== undefined && { fields }), ...(value !== undefined && { value }) };
      return { kind, type, timespan_secs: timespanMs / 1_000, ...more, condition, rules: counted };
    }
    case 'baseline': {
      const { historyDays, firstSeen, bucketStart, ruleIds, ...rest } = details;
      const first = firstSeen === undefined ? {} : { first_seen: firstSeen };
      return { ...rest, ...first, rule_ids: [...ruleIds], history_days: historyDays, bucket_start: iso(bucketStart) };
    }
    case 'silence': {
      const { kind, lastAt, expectedMs, times, silentMs, learned } = details;
      const expected = { expected_secs: expectedMs / 1_000, ...(times !== undefined && { times }) };
      return { kind, last_at: iso(lastAt), ...expected, silent_secs: silentMs / 1_000, learned };
    }
  }
}
