import { z } from 'zod';

const file = (what: string) => z.string().min(1).optional().describe(what);

export const enrichSettings = z
  .strictObject({
    networks: z
      .strictObject({
        asn_file: file(
          'MMDB file of autonomous systems, such as GeoLite2-ASN.mmdb, dbip-asn-lite.mmdb or ipinfo_lite.mmdb. Absent: none are added.',
        ),
        country_file: file('MMDB file of countries, such as GeoLite2-Country.mmdb or dbip-country-lite.mmdb. Absent: none are added.'),
      })
      .prefault({})
      .describe('What public addresses belong to. Files are read again when they change.'),
  })
  .prefault({})
  .describe('What is added to events from other places.');

export type EnrichSettings = z.output<typeof enrichSettings>;
