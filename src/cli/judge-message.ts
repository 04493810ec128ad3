import type { Evaluate } from '../detect/rule-test.ts';
import type { Settings } from '../settings.ts';
import { buildStages } from '../stages.ts';
import { enrichOf } from './enrichment.ts';

/** A message through the real decoder, mappings and look-ups, as rules see it. */
export async function messageJudge(settings: Settings): Promise<Evaluate> {
  const { stages } = buildStages(settings, []);
  const enrich = await enrichOf(settings);
  return (raw, source) => {
    const receivedAt = Date.now();
    const record = { seq: 1, receivedAt, source, origin: { transport: 'file' }, bytes: Buffer.from(raw) } as const;
    const decoded = stages.decode(record);
    const { fields, timestamp } = stages.normalize(record, decoded);
    enrich({ fields, receivedAt });
    return { fields, timestamp, text: decoded.text, source };
  };
}
