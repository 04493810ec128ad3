import { describe, expect, it } from 'vitest';
import { Access, type Door } from './access.ts';
import { syslogSettings } from './settings.ts';

const loopback: Door = { transport: 'tcp', loopback: true, certificateRequired: false };
const open: Door = { transport: 'tcp', loopback: false, certificateRequired: false };
const demanding: Door = { transport: 'tls', loopback: false, certificateRequired: true };

const access = (settings: object) => new Access(syslogSettings.parse(settings));

describe('Access', () => {
  it('lets anyone in on loopback, and nobody elsewhere, when nobody is named', () => {
    expect(access({}).admit(loopback, { address: '127.0.0.1', port: 7 })).toEqual({
      transport: 'tcp',
      address: '127.0.0.1',
      port: 7,
      timeZone: 'UTC',
    });
    expect(access({}).admit(open, { address: '192.0.2.1' })).toBeUndefined();
    expect(access({}).mayEnter(open, '192.0.2.1')).toBe(false);
  });

  it('holds a peer to its datasets, decoder and time zone', () => {
    const rules = access({ peers: [{ cidr: '192.0.2.0/24', datasets: ['pam'], decoder: 'cef', time_zone: 'Europe/Berlin' }] });
    expect(rules.admit(open, { address: '192.0.2.9' })).toMatchObject({ datasets: ['pam'], decoder: 'cef', timeZone: 'Europe/Berlin' });
    expect(rules.admit(open, { address: '198.51.100.9' })).toBeUndefined();
    expect(rules.admit(loopback, { address: '127.0.0.1' })).toMatchObject({ timeZone: 'UTC' });
  });

  it('takes the first peer that fits, and reads IPv4 wrapped in IPv6', () => {
    const rules = access({
      peers: [
        { cidr: '192.0.2.7', datasets: ['a'] },
        { cidr: '192.0.2.0/24', datasets: ['b'] },
      ],
    });
    expect(rules.admit(open, { address: '::ffff:192.0.2.7' })).toMatchObject({ address: '192.0.2.7', datasets: ['a'] });
    expect(access({ allow: ['fe80::/10'] }).admit(open, { address: 'fe80::1%eth0' })).toMatchObject({ address: 'fe80::1' });
    expect(rules.admit(open, { address: '192.0.2.8' })?.datasets).toEqual(['b']);
    expect(access({ allow: ['2001:db8::/32'] }).admit(open, { address: '2001:db8::1' })).toBeDefined();
    expect(access({ allow: ['2001:db8::/32'] }).admit(open, { address: '192.0.2.1' })).toBeUndefined();
  });

  it('holds loopback to allow, when it is given', () => {
    expect(access({ allow: ['192.0.2.0/24'] }).admit(loopback, { address: '127.0.0.1' })).toBeUndefined();
  });

  it('knows a peer by its certificate, from anywhere or only from a network', () => {
    const rules = access({
      peers: [{ certificate: 'pam.example.com', cidr: '192.0.2.0/24', datasets: ['pam'] }, { certificate: 'fw.example.com' }],
    });
    const named = (address: string, certificate: string) => rules.admit(demanding, { address, certificate, verified: true });
    expect(named('192.0.2.1', 'pam.example.com')).toMatchObject({ certificate: 'pam.example.com', datasets: ['pam'] });
    expect(named('198.51.100.1', 'pam.example.com')).toBeUndefined();
    expect(named('198.51.100.1', 'fw.example.com')?.certificate).toBe('fw.example.com');
    expect(named('198.51.100.1', 'other.example.com')).toBeUndefined();
    expect(rules.mayEnter(demanding, '198.51.100.1')).toBe(true);
  });

  it('lets everyone in whom the authorities vouch for, when nobody is named and certificates are required', () => {
    const rules = access({});
    expect(rules.mayEnter(demanding, '192.0.2.1')).toBe(true);
    expect(rules.admit(demanding, { address: '192.0.2.1', verified: true })).toBeDefined();
    expect(rules.admit(demanding, { address: '192.0.2.1' })).toBeUndefined();
  });
});
