import { dataset, has, type LogSource } from '../logsource.ts';

/**
 * Google Cloud's audit logs as Elastic's integration sends them, and those of Workspace. Sigma's rules for Workspace are written for the
 * copies that Google keeps in Cloud Logging, where the service is `admin.googleapis.com`; the integration reads Workspace's own reports,
 * which call it `admin`: so `eventService` is nowhere.
 */
export const GOOGLE: readonly LogSource[] = [
  { product: 'gcp', route: [has('event.module', 'gcp', 'google_workspace')] },
  {
    product: 'gcp',
    service: 'gcp.audit',
    route: dataset('gcp.audit'),
    open: true,
    fields: {
      'data.protoPayload.authorizationInfo.permission': 'gcp.audit.authorization_info.permission',
      'data.protoPayload.authorizationInfo.granted': 'gcp.audit.authorization_info.granted',
      'data.protoPayload.logName': 'log.logger',
      'data.protoPayload.methodName': ['gcp.audit.method_name', 'event.action'],
      'data.protoPayload.serviceName': ['gcp.audit.service_name', 'service.name'],
      'data.protoPayload.resource.type': 'gcp.audit.resource_type',
    },
  },
  {
    product: 'gcp',
    service: 'google_workspace.admin',
    route: dataset('google_workspace.admin'),
    fields: {
      eventName: 'event.action',
      setting_name: 'google_workspace.admin.setting.name',
      new_value: 'google_workspace.admin.new_value',
    },
  },
  {
    product: 'gcp',
    service: 'google_workspace.login',
    route: dataset('google_workspace.login'),
    fields: { 'protoPayload.metadata.event.eventName': 'event.action' },
  },
];
