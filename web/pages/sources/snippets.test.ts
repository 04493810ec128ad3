import { describe, expect, it } from 'vitest';
import { faultWords } from './fault-words.ts';
import { placeOf, snippetsOf } from './snippets.ts';

const written = (address: string): string[] => {
  const place = placeOf(address);
  return snippetsOf(place === undefined ? [] : [place], 'hub.example.com').map(({ text }) => text);
};

describe('snippets', () => {
  it('reads the places where sources listen', () => {
    expect(placeOf('udp://127.0.0.1:5514')).toMatchObject({ transport: 'udp', host: '127.0.0.1', port: 5514 });
    expect(placeOf('tls://[2001:db8::1]:6514')).toMatchObject({ transport: 'tls', host: '[2001:db8::1]', port: 6514 });
    expect(placeOf('http://127.0.0.1:8484/ingest/http')).toMatchObject({ transport: 'http', host: '127.0.0.1', port: 8484 });
    expect(placeOf('/var/log/x')).toBeUndefined();
  });

  it('names the place that a sender can reach', () => {
    expect(written('tcp://0.0.0.0:5514')[0]).toContain('target="hub.example.com" port="5514"');
    expect(written('relp://[2001:db8::1]:2514')[0]).toContain('target="2001:db8::1" port="2514"');
    expect(written('http://[::]:8484/ingest/web')[0]).toContain(' http://hub.example.com:8484/ingest/web');
    expect(written('constructor://x:1')).toEqual([]);
  });
});

describe('faultWords', () => {
  it.each([
    ['cef_fault:cef_short_header', 'CEF that is broken: short header'],
    ['syslog_fault:no_header', 'SYSLOG that is broken: no header'],
    ['key_value_fault:no_pair', 'KEY VALUE that is broken: no pair'],
    ['truncated', 'Cut before it was whole, by the sender, the network or a bound'],
    ['constructor', 'constructor'],
  ])('%s', (tag, words) => {
    expect(faultWords(tag).what).toBe(words);
    expect(faultWords(tag).todo).not.toBe('');
  });
});
