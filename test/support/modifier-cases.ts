/** For each modifier of Sigma 2.1 and pySigma's other names: an item, a value of `f` of which it is true, and one of which it is not. */
export interface ModifierCase {
  readonly modifier: string;
  /** As in YAML; `f` is the field. */
  readonly item: string;
  readonly yes: string | number | readonly string[] | undefined;
  readonly no: string | number | readonly string[] | undefined;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const one = (modifier: string, item: string, yes: ModifierCase['yes'], no: ModifierCase['no']): ModifierCase => ({
  modifier,
  item,
  yes,
  no,
});

export const MODIFIER_CASES: readonly ModifierCase[] = [
  one('all', 'f|contains|all: [a, b]', 'b a', 'a'),
  one('startswith', 'f|startswith: adm', 'Admin', 'an adm'),
  one('endswith', "f|endswith: '\\cmd.exe'", 'C:\\CMD.EXE', '\\cmd.exe2'),
  one('contains', 'f|contains: evil', 'an Evil thing', 'ev il'),
  one('exists', 'f|exists: true', '', undefined),
  one('cased', 'f|cased: Alice', 'Alice', 'alice'),
  one('neq', 'f|neq: [a, b]', undefined, 'B'),
  one('windash', "f|windash|contains: ' -s'", 'net –S', 'net +s'),
  one('re', "f|re: '^e.il$'", 'evil', 'EVIL'),
  one('i', "f|re|i: '^e.il$'", 'EVIL', 'eil'),
  one('ignorecase', "f|re|ignorecase: '^e.il$'", 'EVIL', 'eil'),
  one('m', "f|re|m: '^b$'", 'a\nb', 'ab'),
  one('multiline', "f|re|multiline: '^b$'", 'a\nb', 'ab'),
  one('s', "f|re|s: 'a.b'", 'a\nb', 'ab'),
  one('dotall', "f|re|dotall: 'a.b'", 'a\nb', 'ab'),
  one('base64', 'f|base64: cmd', 'Y21k', 'cmd'),
  one('base64offset', 'f|base64offset|contains: /bin/sh', base64('x /bin/sh'), base64('x /bin/zsh')),
  one('utf16le', 'f|utf16le|base64: cmd', 'YwBtAGQA', 'Y21k'),
  one('utf16be', 'f|utf16be|base64: cmd', 'AGMAbQBk', 'YwBtAGQA'),
  one('utf16', 'f|utf16|base64: cmd', '//5jAG0AZAA=', 'YwBtAGQA'),
  one('wide', 'f|wide|base64: cmd', 'YwBtAGQA', 'Y21k'),
  one('lt', 'f|lt: 5', '4.9', 5),
  one('lte', 'f|lte: 5', 5, 5.1),
  one('gt', 'f|gt: 5', 6, '5'),
  one('gte', 'f|gte: 5', '5', 'five'),
  one('minute', 'f|minute: 30', '2026-11-20T23:30:00Z', '2026-11-20T23:31:00Z'),
  one('hour', 'f|hour|gte: 22', '2026-11-20T23:30:00-08:00', '2026-11-20T21:30:00Z'),
  one('day', 'f|day: 20', '2026-11-20', '2026-11-21'),
  one('week', 'f|week: 53', '2027-01-01', '2027-01-04'),
  one('month', 'f|month: 11', '2026-11-20', '2026-12-20'),
  one('year', 'f|year|lt: 2027', '2026-11-20', '2027-01-01'),
  one('cidr', 'f|cidr: [192.0.2.0/24, "2001:db8::/32"]', ['x', '2001:db8::9'], '198.51.100.1'),
  one('expand', "f|expand: '%admins%'", 'root', '%admins%'),
  one('fieldref', 'f|fieldref: g', 'THIS', 'that'),
];
