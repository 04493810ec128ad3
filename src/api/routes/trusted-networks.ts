import type { FastifyInstance } from 'fastify';
import type { TrustCompared, TrustFault } from '../../model/trusted-networks.ts';
import { actorOf } from '../caller.ts';
import { changeTrustedNetworksEndpoint, type TrustComparedJson, trustedNetworksEndpoint } from '../contract/trusted-networks.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiProblem } from '../problem.ts';
import { type Access, serve } from '../serve.ts';

/** What it is to trust decides what the other system finds: each change is recorded, also one that it did not take. */
export function trustedNetworkRoutes(app: FastifyInstance, access: Access, { trust, onAudit }: ApiDeps): void {
  serve(app, access, trustedNetworksEndpoint, async ({ query }) => {
    const compared = await trust.compare(query.system);
    if (!compared.ok) throw problem(compared.error);
    return comparedJson(compared.value);
  });

  serve(app, access, changeTrustedNetworksEndpoint, async ({ body, caller }) => {
    const { system, version, add, remove, reason } = body;
    const changed = await trust.change({ system, version, add, remove });
    const { added, removed } = changed.ok ? changed.value : { added: [], removed: remove };
    onAudit({
      action: 'trusted_networks_change',
      category: ['configuration'],
      type: ['change'],
      outcome: changed.ok ? 'success' : 'failure',
      ...actorOf(caller),
      message: `${caller.name} changed the networks that ${system ?? 'a system'} trusts${changed.ok ? '' : `: ${changed.error.message}`}`,
      about: { system: changed.ok ? changed.value.now.system : (system ?? ''), added: [...added], removed: [...removed], reason },
    });
    if (!changed.ok) throw problem(changed.error);
    return { added: [...added], removed: [...removed], now: comparedJson(changed.value.now) };
  });
}

const STATUS: Readonly<Record<TrustFault['code'], number>> = { EAR_ACT_SYSTEM: 422, EAR_ACT_REFUSED: 422, EAR_API_CONFLICT: 409 };

const problem = ({ code, message }: TrustFault): ApiProblem => new ApiProblem(STATUS[code], code, message);

const comparedJson = ({ system, version, inSystem, onlyInSystem, onlyInLists, notTaken }: TrustCompared): TrustComparedJson => ({
  system,
  version,
  in_system: [...inSystem],
  only_in_system: [...onlyInSystem],
  only_in_lists: [...onlyInLists],
  not_taken: [...notTaken],
});
