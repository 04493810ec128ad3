import { describe, expect, it } from 'vitest';
import { sessionOf } from './session.ts';

describe('the session of an event', () => {
  it.each([
    [{ 'cef.labels.session_id': '9e48', 'linux.session.id': '4', 'host.name': 'web01' }, { 'cef.labels.session_id': '9e48' }],
    [
      { 'linux.auditd.ses': 17, 'host.name': 'web01', 'user.name': 'alice' },
      { 'linux.auditd.ses': '17', 'host.name': 'web01' },
    ],
    [
      { 'process.pid': 812, 'process.name': 'sshd', 'host.name': ['web01', 'web01.example.com'] },
      { 'process.pid': '812', 'process.name': 'sshd', 'host.name': 'web01' },
    ],
  ])('%j', (fields, terms) => {
    expect(Object.fromEntries(sessionOf(fields).map(({ field, value }) => [field, value]))).toEqual(terms);
  });

  it.each([
    {},
    { 'linux.session.id': '4' },
    { 'session.id': '' },
    { 'linux.auditd.ses': '4294967295', 'host.name': 'web01' },
    { 'process.pid': 1, 'process.name': 'cron', 'host.name': 'web01' },
  ])('is none: %j', (fields) => {
    expect(sessionOf(fields)).toEqual([]);
  });
});
