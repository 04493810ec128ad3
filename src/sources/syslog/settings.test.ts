import { describe, expect, it } from 'vitest';
import { syslogSettings } from './settings.ts';

const faults = (settings: object): string[] => {
  const parsed = syslogSettings.safeParse(settings);
  return parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
};

const tls = { certificate_file: 'c.pem', key_file: 'k.pem' };

describe('syslogSettings', () => {
  it('needs nothing: loopback, unprivileged ports', () => {
    expect(syslogSettings.parse({})).toMatchObject({
      udp: { listen: '127.0.0.1:5514' },
      tcp: { listen: '127.0.0.1:5514' },
      tls: false,
      relp: { listen: '127.0.0.1:2514', tls: false },
    });
  });

  it.each([['udp'], ['tcp'], ['relp']])('refuses a %s listener that anyone on the network may use', (transport) => {
    for (const listen of ['0.0.0.0:514', '[::]:514', '192.0.2.1:514', 'host.example.com:514']) {
      expect(faults({ [transport]: { listen } })[0]).toContain(`${transport}.listen: ${listen} can be reached from other machines`);
    }
    for (const listen of ['127.0.0.1:514', '127.9.9.9:514', '[::1]:514', 'localhost:514'])
      expect(faults({ [transport]: { listen } })).toEqual([]);
  });

  it.each([
    ['allow', { allow: ['0.0.0.0/0', '::/0'] }],
    ['peers', { peers: [{ cidr: '192.0.2.0/24' }] }],
  ])('takes an open listener with %s', (_, who) => {
    expect(faults({ udp: { listen: '0.0.0.0:514' }, ...who })).toEqual([]);
  });

  it('takes client certificates for who may send, where they are required', () => {
    const listen = '0.0.0.0:6514';
    const named = { ...tls, client_ca_file: 'ca.pem' };
    expect(faults({ tls: { listen, ...named, client_certificates: 'require' } })).toEqual([]);
    expect(faults({ relp: { listen, tls: { ...named, client_certificates: 'require' } } })).toEqual([]);
    expect(faults({ tls: { listen, ...named, client_certificates: 'request' } })[0]).toContain('can be reached from other machines');
    expect(faults({ tls: { listen, ...tls } })[0]).toContain('can be reached from other machines');
  });

  it.each([
    [{ tcp: { listen: '5514' } }, 'tcp.listen: write it as host:port'],
    [{ tcp: { listen: '127.0.0.1:70000' } }, 'tcp.listen: the port 70000 is above 65535'],
    [{ tcp: { listen: '[192.0.2.1]:1' } }, 'tcp.listen: 192.0.2.1 is not an IPv6 address'],
    [{ allow: ['192.0.2.0/33'] }, 'allow.0: write an address or a network'],
    [{ peers: [{ datasets: ['a'] }] }, 'peers.0: needs cidr, certificate, or both'],
    [{ time_zone: 'Mars/Olympus' }, 'time_zone: not an IANA time zone'],
    [{ tls: { ...tls, client_certificates: 'require' } }, 'tls.client_ca_file: client_certificates: require needs client_ca_file'],
    [{ udp: false, tcp: false, relp: false }, ': all listeners are off'],
  ])('refuses %j', (settings, fault) => {
    expect(faults(settings).join('\n')).toContain(fault);
  });
});
