import { z } from 'zod';
import { err, ok, type Result } from '../../lib/result.ts';
import type { TrustedNetworks } from '../../model/trusted-networks.ts';
import { callSlack, type SlackAccess } from './client.ts';
import { sessionRefusal } from './session-refusals.ts';

const texts = z.array(z.string()).default([]);
const numbers = z.array(z.coerce.number().int()).default([]);

/**
 * Slack's pages call each of them by two names: the table of arguments says `trusted_asns`, every sample `trusted_asn`. What is under either
 * counts: the list is written as a whole, and what was not read would be gone.
 */
const answer = z.object({ trusted_cidr: texts, trusted_cidrs: texts, trusted_asn: numbers, trusted_asns: numbers });

/** The networks in which Slack finds no anomalies (`admin.audit.anomaly.allow.getItem`). The error says what to mend. */
export async function readAllowList(access: SlackAccess, name: string): Promise<Result<TrustedNetworks, string>> {
  const got = await callSlack('admin.audit.anomaly.allow.getItem', {}, access);
  if (got.kind !== 'done') return err(sessionRefusal(got, name, 'the allow list'));
  const read = answer.safeParse(got.body);
  if (!read.success) return err('Slack answered in a form that is not known.');
  const { data } = read;
  return ok({
    cidrs: [...new Set([...data.trusted_cidr, ...data.trusted_cidrs])],
    asns: [...new Set([...data.trusted_asn, ...data.trusted_asns])],
  });
}

/**
 * Writes the whole list: what is not in it is gone (`admin.audit.anomaly.allow.updateItem`). Under both names, as nobody knows which counts.
 * Slack may say `ok: false` without a word, and may have done it where no answer comes: whoever writes must read again.
 */
export async function writeAllowList(
  { cidrs, asns }: TrustedNetworks,
  access: SlackAccess,
  name: string,
): Promise<Result<undefined, string>> {
  const args = { trusted_cidr: cidrs, trusted_asn: asns, trusted_asns: asns };
  const put = await callSlack('admin.audit.anomaly.allow.updateItem', args, access);
  const perhaps = put.kind === 'done' || (put.kind === 'failed' && put.retry.ambiguous === true);
  return perhaps ? ok(undefined) : err(sessionRefusal(put, name, 'the allow list'));
}
