import { describe, expect, it } from 'vitest';
import { parseListFile } from './list-file.ts';
import { listValue } from './list-value.ts';

const HEAD = 'reason: Offices\nauthor: net team\n';
const faults = (file: string, content: string) => {
  const parsed = parseListFile(file, content, 5);
  return parsed.ok ? [] : parsed.error.map(({ line, message }) => `${line}: ${message}`);
};

describe('a list in a file', () => {
  it('has the name of the file, and its entries what the list says where they are silent', () => {
    const content = `kind: cidr\n${HEAD}entries:\n  - value: 192.0.2.0/24\n  - value: 198.51.100.7\n    reason: Guests\n    author: carol\n    expires: 2026-12-01\n`;
    const list = parseListFile('/x/office_ranges.yml', content, 5);
    expect(list.ok && list.value).toEqual({
      name: 'office_ranges',
      kind: 'cidr',
      reason: 'Offices',
      author: 'net team',
      createdAt: 5,
      fields: [],
      file: '/x/office_ranges.yml',
      entries: [
        { value: '192.0.2.0/24', reason: 'Offices', author: 'net team', createdAt: 5 },
        { value: '198.51.100.7', reason: 'Guests', author: 'carol', createdAt: 5, expiresAt: Date.UTC(2026, 11, 1) },
      ],
    });
  });

  it.each([
    ['Office.yml', 'kind: asn\n', [expect.stringMatching(/^1: the file is named as the list/)]],
    [
      'a.yml',
      `kind: cidr\n${HEAD}entries:\n  - value: 192.0.2.1/24\n`,
      [expect.stringMatching(/^5: entries\[0\]\.value: .*write 192\.0\.2\.0\/24/)],
    ],
    ['a.yml', `kind: text\n${HEAD}entries: []\n`, [expect.stringMatching(/fields: a list of texts names the fields/)]],
    ['a.yml', `kind: asn\n${HEAD}fields: [host.name]\nentries: []\n`, [expect.stringMatching(/^4: fields: a list of the kind asn knows/)]],
    [
      'a.yml',
      `kind: asn\n${HEAD}entries:\n  - value: 64496\n    expires: soon\n`,
      [expect.stringMatching(/^6: entries\[0\]\.expires: write a day/)],
    ],
  ])('%s %j is refused with its line', (file, content, expected) => {
    expect(faults(file, content)).toEqual(expected);
  });
});

describe('listValue', () => {
  it.each([
    ['cidr', ' 192.0.2.0/24 ', '192.0.2.0/24'],
    ['cidr', '192.0.2.7/32', '192.0.2.7'],
    ['cidr', '2001:DB8:0::/32', '2001:db8::/32'],
    ['asn', 'as64496', '64496'],
    ['account', 'root', 'root'],
  ] as const)('%s %j is %j', (kind, text, value) => {
    expect(listValue(kind, text)).toEqual({ ok: true, value });
  });

  it.each([
    ['cidr', '192.0.2'],
    ['cidr', '192.0.2.0/33'],
    ['cidr', '010.0.0.1'],
    ['cidr', 'fe80::1%eth0'],
    ['asn', '0'],
    ['asn', 'ASX'],
    ['text', '  '],
  ] as const)('%s %j is refused', (kind, text) => {
    expect(listValue(kind, text).ok).toBe(false);
  });
});
