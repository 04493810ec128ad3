import { Reader } from 'maxmind';
import { z } from 'zod';
import { type Enricher, placeOf, valueAt } from './enricher.ts';
import { Memo } from './memo.ts';

/** Something that knows what a public address belongs to: an MMDB file in memory. */
export interface NetworkReader {
  get(address: string): unknown;
}

export interface NetworkReaders {
  readonly asn?: NetworkReader;
  readonly country?: NetworkReader;
}

/** Opens an MMDB file's bytes. Throws where they are none. */
export const openNetworks = (bytes: Buffer): NetworkReader => new Reader(bytes);

interface Found {
  readonly asn?: number;
  readonly organization?: string;
  readonly country?: string;
}

const REMEMBERED = 20_000;
const NOTHING: Found = {};
/** Networks that are nobody's in particular (RFC 1918, 6598, 3927, 4193): a database that names an owner of one is wrong. */
const PRIVATE =
  /^(10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|::1?$|f[cd]|fe[89ab])/i;
const SIDES = ['source', 'destination'].map((side) => ({
  ip: placeOf(`${side}.ip`),
  asn: placeOf(`${side}.as.number`),
  organization: placeOf(`${side}.as.organization.name`),
  country: placeOf(`${side}.geo.country_iso_code`),
}));

/** Adds the autonomous system and the country of public addresses. What a sender says of them itself stays, and nothing is mixed into it. */
export function networkEnricher(readers: NetworkReaders): Enricher {
  const remembered = new Memo<Found>(REMEMBERED);
  return (event) => {
    const { fields } = event;
    for (const side of SIDES) {
      const ip = valueAt(fields, side.ip);
      if (typeof ip !== 'string') continue;
      const found = remembered.get(ip) ?? remembered.keep(ip, lookUp(readers, ip));
      if (found === NOTHING) continue;
      const isSilent = valueAt(fields, side.asn) === undefined && valueAt(fields, side.organization) === undefined;
      if (found.asn !== undefined && isSilent) {
        event.add(side.asn.path, found.asn);
        if (found.organization !== undefined) event.add(side.organization.path, found.organization);
      }
      if (found.country !== undefined) event.add(side.country.path, found.country);
    }
  };
}

// GeoLite2 and DB-IP write the first form, IPinfo the second.
const asnForms = z.union([
  z.object({ autonomous_system_number: z.number().int().positive(), autonomous_system_organization: z.string().optional() }),
  z.object({ asn: z.string().regex(/^AS\d{1,10}$/), as_name: z.string().optional() }),
]);
const countryForms = z.union([
  z.object({ country: z.object({ iso_code: z.string().length(2) }) }),
  z.object({ country_code: z.string().length(2) }),
]);

function lookUp({ asn, country }: NetworkReaders, ip: string): Found {
  if (PRIVATE.test(ip)) return NOTHING;
  const network = asnForms.safeParse(read(asn, ip)).data;
  const place = countryForms.safeParse(read(country, ip)).data;
  if (network === undefined && place === undefined) return NOTHING;
  return { ...(network && systemOf(network)), ...(place && { country: 'country' in place ? place.country.iso_code : place.country_code }) };
}

function systemOf(network: z.output<typeof asnForms>): Pick<Found, 'asn' | 'organization'> {
  const [asn, organization] =
    'asn' in network
      ? [Number(network.asn.slice(2)), network.as_name]
      : [network.autonomous_system_number, network.autonomous_system_organization];
  return { asn, ...(organization !== undefined && organization !== '' && { organization }) };
}

/** A damaged file faults at some addresses only. */
function read(reader: NetworkReader | undefined, ip: string): unknown {
  try {
    return reader?.get(ip);
  } catch {
    return undefined;
  }
}
