import { dataset, type LogSource } from '../logsource.ts';
import { snakeUnder } from './under.ts';

const DEBUG = 'debugContext.debugData.';
const okta = snakeUnder('okta');

/** Okta's system log as Elastic's integration sends it. Debug data keeps Okta's spelling, but for what ECS spells. */
export const OKTA: readonly LogSource[] = [
  { product: 'okta', route: dataset('okta.system'), open: true, others: okta },
  {
    product: 'okta',
    service: 'okta',
    route: [],
    fields: {
      eventType: ['okta.event_type', 'event.action'],
      legacyEventType: 'okta.legacy_event_type',
      'outcome.result': 'okta.outcome.result',
      'client.ipAddress': ['okta.client.ip', 'client.ip', 'source.ip'],
      'client.userAgent.rawUserAgent': ['okta.client.user_agent.raw_user_agent', 'user_agent.original'],
      'debugContext.debugData.requestUri': [
        'okta.debug_context.debug_data.request_uri',
        'okta.debug_context.debug_data.flattened.requestUri',
      ],
    },
    others: (field) =>
      field.startsWith(DEBUG)
        ? [
            `okta.debug_context.debug_data.${field.slice(DEBUG.length)}`,
            `okta.debug_context.debug_data.flattened.${field.slice(DEBUG.length)}`,
          ]
        : okta(field),
  },
];
