import { dataset, type FieldNames, has, type LogSource } from '../logsource.ts';
import { snakeUnder } from './under.ts';

/** Sigma's rules for Azure use names of the portal, of Log Analytics and of the API side by side. */
const ACTIVITY: FieldNames = {
  operationName: ['azure.activitylogs.operation_name', 'event.action'],
  OperationNameValue: ['azure.activitylogs.operation_name', 'event.action'],
  CategoryValue: ['azure.activitylogs.category', 'azure.activitylogs.event_category'],
  ResourceProviderValue: ['azure.resource.provider', 'azure.activitylogs.properties.resourceProviderValue'],
  ResourceId: 'azure.resource.id',
  resourceId: 'azure.resource.id',
};

const activityName = ['azure.auditlogs.properties.activity_display_name', 'azure.auditlogs.operation_name', 'event.action'];
const AUDIT: FieldNames = {
  'properties.message': activityName,
  operationName: ['azure.auditlogs.operation_name', 'event.action'],
  OperationName: ['azure.auditlogs.operation_name', 'event.action'],
  ActivityDisplayName: activityName,
  ActivityType: ['azure.auditlogs.properties.operation_type', 'azure.auditlogs.operation_name'],
  activityType: ['azure.auditlogs.properties.operation_type', 'azure.auditlogs.operation_name'],
  Category: ['azure.auditlogs.properties.category', 'azure.auditlogs.category'],
  category: ['azure.auditlogs.properties.category', 'azure.auditlogs.category'],
  LoggedByService: 'azure.auditlogs.properties.logged_by_service',
  Status: ['azure.auditlogs.properties.result', 'event.outcome'],
  Initiatedby: [
    'azure.auditlogs.properties.initiated_by.user.userPrincipalName',
    'azure.auditlogs.properties.initiated_by.app.displayName',
  ],
  failure_status_reason: 'azure.auditlogs.properties.result_reason',
  'properties.result': 'azure.auditlogs.properties.result',
};

const SIGN_IN: FieldNames = {
  ResultType: 'azure.signinlogs.result_type',
  ResultDescription: 'azure.signinlogs.result_description',
  Resultdescription: 'azure.signinlogs.result_description',
  'properties.message': ['azure.signinlogs.operation_name', 'event.action'],
  ClientApp: 'azure.signinlogs.properties.client_app_used',
  userAgent: 'user_agent.original',
  Username: ['azure.signinlogs.properties.user_principal_name', 'user.name'],
  Status: ['azure.signinlogs.properties.status.status', 'event.outcome'],
  'DeviceDetail.trusttype': 'azure.signinlogs.properties.device_detail.trust_type',
  'DeviceDetail.isCompliant': 'azure.signinlogs.properties.device_detail.is_compliant',
  'DeviceDetail.deviceId': 'azure.signinlogs.properties.device_detail.device_id',
};

const logs = (service: string, name: string, fields: FieldNames, prefix: string): LogSource => ({
  product: 'azure',
  service,
  route: dataset(name),
  fields,
  others: snakeUnder(prefix),
});

/** Azure's logs as Elastic's integrations send them. */
export const AZURE: readonly LogSource[] = [
  { product: 'azure', route: [has('event.module', 'azure')], open: true },
  logs('activitylogs', 'azure.activitylogs', ACTIVITY, 'azure.activitylogs'),
  logs('auditlogs', 'azure.auditlogs', AUDIT, 'azure.auditlogs.properties'),
  logs('signinlogs', 'azure.signinlogs', SIGN_IN, 'azure.signinlogs.properties'),
  logs('riskdetection', 'azure.identity_protection', {}, 'azure.identityprotection.properties'),
];
