import { z } from 'zod';
import { zoneOf } from '../formats/time-zone.ts';

const file = (what: string) => z.string().min(1).optional().describe(what);

export const enrichSettings = z
  .strictObject({
    time_zone: z
      .string()
      .refine((name) => zoneOf(name) !== undefined, 'write a time zone such as Europe/Berlin')
      .optional()
      .describe(
        'Where people work, such as Europe/Berlin. Events that say who acts get the hour and the weekday of its clocks, which rules about working hours ask for. Absent: they do not.',
      ),
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
