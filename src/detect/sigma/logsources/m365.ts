import { dataset, type LogSource } from '../logsource.ts';
import { under } from './under.ts';

const o365 = under('o365.audit');

/** What the rules for alerts of the compliance center call things. */
const ALERTS = {
  eventSource: ['event.provider', 'o365.audit.Workload'],
  eventName: ['o365.audit.Name', 'event.action', 'o365.audit.Operation'],
  status: 'event.outcome',
  Payload: 'o365.audit.Data.flattened',
} as const;

/** The unified audit log of Microsoft 365 as Elastic's integration sends it. */
export const M365: readonly LogSource[] = [
  { product: 'm365', route: dataset('o365.audit'), open: true, others: o365 },
  {
    product: 'm365',
    service: 'audit',
    route: [],
    fields: {
      Operation: ['event.action', 'o365.audit.Operation'],
      Workload: ['event.provider', 'o365.audit.Workload'],
      RequestType: ['o365.audit.ExtendedProperties.RequestType', 'o365.audit.RequestType'],
    },
  },
  ...['exchange', 'threat_detection', 'threat_management'].map((service) => ({ product: 'm365', service, route: [], fields: ALERTS })),
];
