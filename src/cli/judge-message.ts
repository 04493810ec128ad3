import type { Evaluate } from '../detect/rule-test.ts';
import { AUDIT_SOURCE } from '../model/audit.ts';
import type { Origin } from '../model/record.ts';
import type { Settings } from '../settings.ts';
import { buildStages } from '../stages.ts';
import { enrichOf } from './enrichment.ts';
import { originOf } from './message-source.ts';

const OWN: Origin = { transport: 'internal' };

/** A message through the real decoder, mappings and look-ups, as rules see it. The source `earshot` is the hub's own audit trail. */
export async function messageJudge(settings: Settings): Promise<Evaluate> {
  const { stages } = buildStages(settings, []);
  // Rules that ask for the hour mean the same wherever their tests run.
  const enrich = await enrichOf({ ...settings, enrich: { ...settings.enrich, time_zone: 'UTC' } });
  return (raw, source, lookedUp) => {
    const receivedAt = Date.now();
    const origin = source === AUDIT_SOURCE ? OWN : originOf(source, settings);
    const record = { seq: 1, receivedAt, source, origin, bytes: Buffer.from(raw) };
    const decoded = stages.decode(record);
    const { fields, timestamp } = stages.normalize(record, decoded);
    enrich({ fields, receivedAt, timestamp });
    for (const [path, value] of Object.entries(lookedUp)) fields.set(path, value);
    return { fields, timestamp, text: decoded.text, source };
  };
}
