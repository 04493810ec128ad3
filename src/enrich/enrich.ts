import type { EnrichmentTables, ListProbes } from '../model/enrichment.ts';
import type { Value } from '../model/event.ts';
import { FieldSet } from '../model/field-set.ts';
import { PersonNames } from '../model/person.ts';
import type { Enrichable, Enricher } from './enricher.ts';
import { listEnricher } from './list-enricher.ts';
import { listedEnricher } from './listed-enricher.ts';
import { type NetworkReaders, networkEnricher } from './network-enricher.ts';
import { peopleEnricher } from './people-enricher.ts';
import { timeEnricher } from './time-enricher.ts';

/** An event as normalization leaves it. */
export interface Enrichment {
  readonly fields: FieldSet;
  readonly receivedAt: number;
  readonly timestamp: number;
}

/** `probes`: what rules ask of lists. */
export type Enrich = (event: Enrichment, probes?: ListProbes) => void;

/** All enrichers over one set of tables. What nothing is configured for costs nothing. */
export function createEnrich({ people, domains, lists, timeZone }: EnrichmentTables, networks: NetworkReaders = {}): Enrich {
  const enrichers: Enricher[] = [];
  // Networks first: lists hold numbers of networks too.
  if (networks.asn !== undefined || networks.country !== undefined) enrichers.push(networkEnricher(networks));
  if (people.length > 0) enrichers.push(peopleEnricher(new PersonNames(people, domains)));
  if (lists.length > 0) enrichers.push(listEnricher(lists));
  if (timeZone !== undefined) enrichers.push(timeEnricher(timeZone));
  const turn = new Turn();
  const listed = listedEnricher(lists);
  return (event, probes) => {
    const isAsked = probes !== undefined && probes.asked.length > 0;
    if (enrichers.length === 0 && !isAsked) return;
    turn.begin(event);
    for (const enricher of enrichers) enricher(turn);
    // Last: rules may ask for what the others add.
    if (isAsked) listed(turn, probes);
  };
}

/** One object for all events, each in its turn: an object for each would be most of the cost. */
class Turn implements Enrichable {
  fields = new FieldSet();
  receivedAt = 0;
  timestamp = 0;

  begin({ fields, receivedAt, timestamp }: Enrichment): void {
    this.fields = fields;
    this.receivedAt = receivedAt;
    this.timestamp = timestamp;
  }

  add(path: string, value: Value): void {
    if (this.fields.get(path) === undefined) this.fields.set(path, value);
  }
}
