import { dataset, has, type LogSource } from '../logsource.ts';
import { snakeUnder, under } from './under.ts';

/** Products with few rules, as Elastic's integrations send them. */
export const APPLICATIONS: readonly LogSource[] = [
  { product: 'bitbucket', route: dataset('atlassian_bitbucket.audit'), open: true },
  {
    product: 'bitbucket',
    service: 'audit',
    route: [],
    fields: { 'auditType.action': 'bitbucket.audit.type.action', 'auditType.category': 'bitbucket.audit.type.category' },
    others: snakeUnder('bitbucket.audit'),
  },
  { product: 'cisco', route: [has('event.module', 'cisco', 'cisco_ios', 'cisco_nexus', 'cisco_duo')], open: true },
  ...['aaa', 'bgp', 'ldp'].map((service) => ({
    product: 'cisco',
    service,
    route: dataset('cisco_ios.log', 'cisco.ios', 'cisco_nexus.log', 'cisco.nexus'),
  })),
  { product: 'cisco', service: 'duo', route: [has('event.module', 'cisco_duo')], others: snakeUnder('cisco_duo.auth') },
  { product: 'kubernetes', route: dataset('kubernetes.audit_logs'), open: true },
  {
    product: 'kubernetes',
    service: 'audit',
    route: [],
    fields: {
      apiGroup: 'kubernetes.audit.objectRef.apiGroup',
      hostPath: 'kubernetes.audit.requestObject.spec.volumes.hostPath.path',
      capabilities: 'kubernetes.audit.requestObject.spec.containers.securityContext.capabilities.add',
      userAgent: ['kubernetes.audit.userAgent', 'user_agent.original'],
    },
    others: under('kubernetes.audit'),
  },
  { product: 'slack', route: dataset('slack.audit'), open: true },
  { product: 'slack', service: 'audit', route: [], fields: { action: 'event.action' }, others: snakeUnder('slack.audit') },
];
