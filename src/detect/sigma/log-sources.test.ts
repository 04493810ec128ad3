import { describe, expect, it } from 'vitest';
import { LogSources, SHIPPED_LOG_SOURCES } from './log-sources.ts';
import type { Logsource } from './logsource.ts';

const LINUX = { fields: ['event.module', 'host.os.type'], values: ['linux', 'syslog'] };
const is = (field: string, ...values: string[]) => ({ fields: [field], values });

const path = (logsource: Logsource, field: string) => SHIPPED_LOG_SOURCES.fieldPaths('sigma', logsource)(field);

describe('the log sources that Earshot knows', () => {
  it('ask for everything that a rule says', () => {
    expect(SHIPPED_LOG_SOURCES.routeOf({ product: 'linux', category: 'file_event' })).toEqual([LINUX, is('event.category', 'file')]);
    expect(SHIPPED_LOG_SOURCES.routeOf({ product: 'linux', service: 'sudo' })).toEqual([LINUX, is('process.name', 'sudo')]);
  });

  it('know a service in its product only', () => {
    expect(SHIPPED_LOG_SOURCES.routeOf({ product: 'windows', service: 'sudo' })).toBeUndefined();
    expect(SHIPPED_LOG_SOURCES.routeOf({ product: 'windows', service: 'sshd' })).toBeUndefined();
    expect(SHIPPED_LOG_SOURCES.routeOf({ service: 'sshd' })).toHaveLength(1);
  });

  it('are never all events', () => {
    expect(SHIPPED_LOG_SOURCES.routeOf({ category: 'application' })).toBeUndefined();
    expect(SHIPPED_LOG_SOURCES.routeOf({ product: 'kubernetes', category: 'application', service: 'audit' })).toEqual([
      is('event.dataset', 'kubernetes.audit_logs'),
    ]);
  });

  it.each<[Logsource, string, string]>([
    [{ product: 'okta', service: 'okta' }, 'eventType', 'okta.event_type'],
    [{ product: 'okta', service: 'okta' }, 'actor.alternateId', 'okta.actor.alternate_id'],
    [{ product: 'okta', service: 'okta' }, 'debugContext.debugData.behaviors', 'okta.debug_context.debug_data.behaviors'],
    [{ product: 'okta', service: 'okta' }, 'user.name', 'user.name'],
    [{ product: 'aws', service: 'cloudtrail' }, 'eventSource', 'event.provider'],
    [{ product: 'aws', service: 'cloudtrail' }, 'requestParameters.layers', 'aws.cloudtrail.flattened.request_parameters.layers'],
    [{ product: 'aws', service: 'cloudtrail' }, 'userIdentity.type', 'aws.cloudtrail.user_identity.type'],
    [{ product: 'azure', service: 'signinlogs' }, 'AuthenticationRequirement', 'azure.signinlogs.properties.authentication_requirement'],
    [{ product: 'azure', service: 'riskdetection' }, 'riskEventType', 'azure.identityprotection.properties.risk_event_type'],
    [{ product: 'kubernetes', service: 'audit' }, 'objectRef.resource', 'kubernetes.audit.objectRef.resource'],
    [{ product: 'm365', service: 'audit' }, 'ResultStatus', 'o365.audit.ResultStatus'],
    [{ product: 'windows', category: 'process_creation' }, 'Image', 'process.executable'],
    [{ product: 'windows', category: 'process_creation' }, 'User', 'winlog.event_data.User'],
    [{ product: 'windows', category: 'registry_set' }, 'TargetObject', 'winlog.event_data.TargetObject'],
    [{ category: 'process_creation' }, 'User', 'user.name'],
  ])('%o: %s is %s', (logsource, field, first) => {
    expect(path(logsource, field)[0]).toBe(first);
  });

  it('leave names as they are under ECS', () => {
    expect(SHIPPED_LOG_SOURCES.fieldPaths('ecs', { product: 'okta' })('eventType')).toEqual(['eventType']);
  });
});

describe('the log sources of a configuration', () => {
  const own = new LogSources([
    { product: 'okta', route: [is('event.dataset', 'idp')], fields: { eventType: ['json.type', 'json.kind'] }, open: true },
    { product: 'okta', service: 'okta', route: [is('event.dataset', 'okta.raw')], open: true },
    { product: 'django', category: 'application', route: [is('process.name', 'shop')], open: true },
    { product: 'linux', route: [is('host.name', 'web01')] },
  ]);

  it('stand for all that they name, the one that names more first', () => {
    expect(own.routeOf({ product: 'okta', service: 'okta' })).toEqual([is('event.dataset', 'okta.raw')]);
    expect(own.routeOf({ product: 'okta' })).toEqual([is('event.dataset', 'idp')]);
    expect(own.routeOf({ product: 'django', category: 'application' })).toEqual([is('process.name', 'shop')]);
  });

  it('leave the rest to what Earshot knows', () => {
    expect(own.routeOf({ product: 'linux', service: 'sudo' })).toEqual([is('host.name', 'web01'), is('process.name', 'sudo')]);
    expect(own.routeOf({ product: 'linux', service: 'nosuch' })).toBeUndefined();
    expect(own.routeOf({ product: 'windows' })).toEqual(SHIPPED_LOG_SOURCES.routeOf({ product: 'windows' }));
  });

  it('say where fields are, before the shipped tables', () => {
    const paths = own.fieldPaths('sigma', { product: 'okta' });
    expect(paths('eventType')).toEqual(['json.type', 'json.kind']);
    expect(paths('outcome.result')).toEqual(['okta.outcome.result']);
    expect(own.isOpen({ product: 'django', category: 'application' })).toBe(true);
    expect(own.isOpen({ product: 'linux' })).toBe(false);
  });
});
