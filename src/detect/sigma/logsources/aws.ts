import { ecsField } from '../../../model/ecs.ts';
import { dataset, type LogSource } from '../logsource.ts';
import { snakeUnder } from './under.ts';

/** CloudTrail's free parts, which Elastic's integration keeps as they are below `flattened`. */
const FREE = {
  requestParameters: 'request_parameters',
  responseElements: 'response_elements',
  additionalEventData: 'additional_eventdata',
};

const cloudtrail = snakeUnder('aws.cloudtrail');

function others(field: string): readonly string[] {
  if (ecsField(field) !== undefined) return [field];
  for (const [name, part] of Object.entries(FREE)) {
    if (field === name) return [`aws.cloudtrail.${part}`];
    if (field.startsWith(`${name}.`)) return [`aws.cloudtrail.flattened.${part}.${field.slice(name.length + 1)}`];
  }
  return cloudtrail(field);
}

/** AWS CloudTrail as Elastic's integration sends it. */
export const AWS: readonly LogSource[] = [
  { product: 'aws', route: dataset('aws.cloudtrail'), open: true },
  {
    product: 'aws',
    service: 'cloudtrail',
    route: [],
    fields: {
      eventName: 'event.action',
      eventSource: 'event.provider',
      awsRegion: 'cloud.region',
      sourceIPAddress: ['source.ip', 'source.address'],
      userAgent: 'user_agent.original',
      recipientAccountId: ['aws.cloudtrail.recipient_account_id', 'cloud.account.id'],
      'userIdentity.userName': 'user.name',
    },
    others,
  },
];
