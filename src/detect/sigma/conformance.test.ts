import { describe, expect, it } from 'vitest';
import { faultsOf, fires, hitsOf, itemFires, ruleText } from '../../../test/support/sigma-rule.ts';
import { readRules } from './load.ts';

/** One block per decision of docs/sigma.md. */
describe('texts', () => {
  it('are compared without regard to case, whole', () => {
    expect(itemFires('f: Alice', { f: 'ALICE' })).toBe(true);
    expect(itemFires('f: Alice', { f: 'alice2' })).toBe(false);
    expect(itemFires('f: straße', { f: 'STRASSE' })).toBe(false);
    expect(itemFires('f|contains: ΌΣΟ', { f: 'ΟΔΌΣ ΌΣΟ' })).toBe(true);
    expect(itemFires('f|contains: ΔΌΣ', { f: 'οδός' })).toBe(true);
    expect(itemFires('f|contains: k', { f: '\u212a' })).toBe(true);
  });

  it('contains, startswith, endswith', () => {
    expect(itemFires('f|contains: b', { f: 'aBc' })).toBe(true);
    expect(itemFires('f|startswith: a', { f: 'Abc' })).toBe(true);
    expect(itemFires('f|startswith: b', { f: 'abc' })).toBe(false);
    expect(itemFires('f|endswith: c', { f: 'abC' })).toBe(true);
    expect(itemFires('f|endswith: b', { f: 'abc' })).toBe(false);
    expect(itemFires('f|contains: "a*c"', { f: 'xabbcx' })).toBe(true);
    expect(itemFires("f|contains: 'a\\*c'", { f: 'xabcx' })).toBe(false);
    expect(itemFires("f|contains: 'a\\*c'", { f: 'xa*cx' })).toBe(true);
  });

  it('cased minds the case', () => {
    expect(itemFires('f|cased: Alice', { f: 'Alice' })).toBe(true);
    expect(itemFires('f|cased: Alice', { f: 'alice' })).toBe(false);
    expect(itemFires('f|contains|cased: li', { f: 'aLIce' })).toBe(false);
  });

  it('a list is OR, with all AND', () => {
    expect(itemFires('f|contains: [a, b]', { f: 'xa' })).toBe(true);
    expect(itemFires('f|contains|all: [a, b]', { f: 'xa' })).toBe(false);
    expect(itemFires('f|contains|all: [a, b]', { f: 'ba' })).toBe(true);
    expect(itemFires('f|contains|all: [a]', { f: 'ba' })).toBe(true);
  });

  it('`?` is one code point', () => {
    expect(itemFires('f: "a?c"', { f: 'a😀c' })).toBe(true);
    expect(itemFires('f: "a??c"', { f: 'a😀c' })).toBe(false);
  });
});

describe('null, missing and empty are three states', () => {
  const states = { missing: {}, null: { f: null }, empty: { f: '' }, value: { f: 'x' }, list: { f: [] } };
  const truth = (item: string) => Object.fromEntries(Object.entries(states).map(([name, fields]) => [name, itemFires(item, fields)]));

  it('null is missing or null', () => {
    expect(truth('f: null')).toEqual({ missing: true, null: true, empty: false, value: false, list: false });
    expect(truth('f:')).toEqual({ missing: true, null: true, empty: false, value: false, list: false });
  });
  it("'' is present and empty", () => {
    expect(truth("f: ''")).toEqual({ missing: false, null: false, empty: true, value: false, list: false });
  });
  it('`*` is any text', () => {
    expect(truth("f: '*'")).toEqual({ missing: false, null: false, empty: true, value: true, list: false });
  });
  it('exists asks only for the field', () => {
    expect(truth('f|exists: true')).toEqual({ missing: false, null: true, empty: true, value: true, list: true });
    expect(truth('f|exists: false')).toEqual({ missing: true, null: false, empty: false, value: false, list: false });
  });
  it('a map is there when something in it is', () => {
    expect(itemFires('user|exists: true', { 'user.name': 'a' })).toBe(true);
    expect(itemFires('user: null', { 'user.name': 'a' })).toBe(false);
    expect(itemFires('use|exists: true', { 'user.name': 'a' })).toBe(false);
  });
  it('names of every object are fields only when the event has them', () => {
    expect(itemFires('constructor|exists: true', {})).toBe(false);
    expect(itemFires('toString: null', {})).toBe(true);
  });
});

describe('neq', () => {
  it('is true of a missing field, and false when any of the values is there', () => {
    expect(itemFires('f|neq: a', {})).toBe(true);
    expect(itemFires('f|neq: a', { f: 'A' })).toBe(false);
    expect(itemFires('f|neq: [a, b]', { f: 'b' })).toBe(false);
    expect(itemFires('f|neq: [a, b]', { f: 'c' })).toBe(true);
    expect(itemFires('f|contains|neq: a', { f: 'cab' })).toBe(false);
    expect(itemFires('f|cidr|neq: 192.0.2.0/24', { f: '198.51.100.1' })).toBe(true);
    expect(itemFires('f|fieldref|neq: g', { f: 'a', g: 'b' })).toBe(true);
  });
});

describe('arrays', () => {
  it('one element is enough; under not, none may be', () => {
    expect(itemFires('f: b', { f: ['a', 'b'] })).toBe(true);
    expect(itemFires('f|contains|all: [a, b]', { f: ['a', 'b'] })).toBe(true);
    expect(fires('s:\n  f: b\ncondition: not s', { f: ['a', 'b'] })).toBe(false);
    expect(fires('s:\n  f: c\ncondition: not s', { f: ['a', 'b'] })).toBe(true);
    expect(itemFires('f: b', { f: ['a', ['b']] })).toBe(true);
    expect(itemFires('f: null', { f: ['a', null] })).toBe(true);
    expect(itemFires('f|gt: 3', { f: [1, '5'] })).toBe(true);
  });
  it('of maps are reached by the path', () => {
    const fields = {
      targets: [
        { name: 'a', 'x.y': 1 },
        { name: ['b', 'c'], inner: { deep: [{ z: 'q' }] } },
      ],
    };
    expect(itemFires('targets.name: c', fields)).toBe(true);
    expect(itemFires('targets.x.y: 1', fields)).toBe(true);
    expect(itemFires('targets.inner.deep.z: q', fields)).toBe(true);
    expect(itemFires('targets.other: null', fields)).toBe(true);
    expect(itemFires('targets.name: d', fields)).toBe(false);
  });
  it('have elements by number', () => {
    expect(itemFires("'f[1]': b", { f: ['a', 'b'] })).toBe(true);
    expect(itemFires("'f[0]': b", { f: ['a', 'b'] })).toBe(false);
    expect(itemFires("'f[0]': b", { f: 'b' })).toBe(false);
  });
});

describe('numbers', () => {
  it('are equal to the text that spells them', () => {
    expect(itemFires('f: 4625', { f: '4625' })).toBe(true);
    expect(itemFires("f: '4625'", { f: 4625 })).toBe(true);
    expect(itemFires('f: true', { f: 'True' })).toBe(true);
    expect(itemFires("f: 'false'", { f: false })).toBe(true);
    expect(itemFires('f: 46*', { f: 4625 })).toBe(true);
    expect(itemFires('f: 9007199254740993', { f: '9007199254740993' })).toBe(true);
  });
  it('are read by the core schema of YAML 1.2', () => {
    expect(itemFires('f: 0x10', { f: 16 })).toBe(true);
    expect(itemFires('f: on', { f: 'on' })).toBe(true);
    expect(itemFires('f: no', { f: 'no' })).toBe(true);
    expect(itemFires('f: 2026-11-20', { f: '2026-11-20' })).toBe(true);
  });
  it('are compared as numbers', () => {
    expect(itemFires('f|gt: 10', { f: '9' })).toBe(false);
    expect(itemFires('f|gt: 10', { f: '10.5' })).toBe(true);
    expect(itemFires('f|gte: 10', { f: 10 })).toBe(true);
    expect(itemFires('f|lt: 10', { f: 'x' })).toBe(false);
    expect(itemFires('f|lt: 10', { f: '' })).toBe(false);
    expect(itemFires('f|lt: 10', {})).toBe(false);
    expect(itemFires('f|lte: -1.5', { f: -2 })).toBe(true);
    expect(faultsOf('s:\n  f|gt: x\ncondition: s')).toEqual(['7:11: `x` is not a number, and `f|gt` compares numbers']);
  });
});

describe('the other questions', () => {
  it('cidr', () => {
    expect(itemFires('f|cidr: [192.0.2.0/24, "2001:db8::/32"]', { f: '2001:db8::9' })).toBe(true);
    expect(itemFires('f|cidr: 192.0.2.0/24', { f: ['x', '192.0.2.9'] })).toBe(true);
    expect(itemFires('f|cidr: 192.0.2.0/24', { f: '192.0.2.9 ' })).toBe(false);
  });
  it('re', () => {
    expect(itemFires("f|re: '^/etc/(passwd|shadow)$'", { f: '/etc/shadow' })).toBe(true);
    expect(itemFires("f|re: 'ETC'", { f: '/etc/shadow' })).toBe(false);
    expect(itemFires("f|re|i: 'ETC'", { f: '/etc/shadow' })).toBe(true);
    expect(itemFires("f|re: 'a\\*b'", { f: 'a*b' })).toBe(true);
  });
  it('fieldref', () => {
    expect(itemFires('f|fieldref: g', { f: 'A', g: 'a' })).toBe(true);
    expect(itemFires('f|fieldref: g', {})).toBe(false);
    expect(itemFires('f|fieldref: g', { f: null, g: null })).toBe(false);
    expect(itemFires('f|fieldref|contains: g', { f: 'xay', g: 'a' })).toBe(true);
    expect(itemFires('f|fieldref|cased: g', { f: 'A', g: 'a' })).toBe(false);
    expect(itemFires('f|fieldref: g', { f: ['a', 'b'], g: ['b', 'c'] })).toBe(true);
  });
  it('parts of a time', () => {
    expect(itemFires("'@timestamp|hour': 3", {})).toBe(true);
    expect(itemFires("'@timestamp|hour|lt': 3", {})).toBe(false);
    expect(itemFires("'f|hour|gte': 22", { f: '2026-11-20T23:00:00-08:00' })).toBe(true);
    expect(itemFires("'f|month': 11", { f: '2026-11-20' })).toBe(true);
  });
  it('base64, base64offset and the UTF-16 family', () => {
    expect(itemFires('f|base64: cmd', { f: 'Y21k' })).toBe(true);
    expect(itemFires('f|wide|base64: cmd', { f: 'YwBtAGQA' })).toBe(true);
    expect(itemFires('f|utf16|base64: cmd', { f: '//5jAG0AZAA=' })).toBe(true);
    expect(itemFires('f|base64offset|contains: /bin/sh', { f: Buffer.from('xx /bin/sh -c').toString('base64') })).toBe(true);
    expect(itemFires('f|base64offset|contains: /bin/sh', { f: Buffer.from('xx /bin/zsh -c').toString('base64') })).toBe(false);
  });
  it('windash', () => {
    expect(itemFires("f|windash|contains: ' -s'", { f: 'net /s' })).toBe(true);
    expect(itemFires("f|windash|contains: ' -s'", { f: 'net —S' })).toBe(true);
    expect(itemFires("f|windash|contains: ' -s'", { f: 'net +s' })).toBe(false);
  });
});

describe('keywords', () => {
  const detection = 'k:\n  - evil\n  - "a*z"\ncondition: k';
  it('are searched in the raw message and in every text', () => {
    expect(fires(detection, {}, { text: 'some EVIL thing' })).toBe(true);
    expect(fires(detection, { f: 'evil' })).toBe(true);
    expect(fires(detection, { f: [{ g: ['an evil'] }] })).toBe(true);
    expect(fires(detection, { f: 'to a b z end' })).toBe(true);
    expect(fires(detection, { evil: 'x' })).toBe(false);
    expect(fires(detection, { f: 'ev', g: 'il' })).toBe(false);
  });
  it('all of them, perhaps in different places', () => {
    const all = "k:\n  '|all':\n    - one\n    - two\ncondition: k";
    expect(fires(all, { f: 'one', g: 'two' })).toBe(true);
    expect(fires(all, { f: 'one' })).toBe(false);
  });
  it('may be one text, numbers, expressions, and mixed with maps', () => {
    expect(fires('k: evil\ncondition: k', { f: 'evil' })).toBe(true);
    expect(fires('k: [4625]\ncondition: k', { f: 'id=4625' })).toBe(true);
    expect(
      fires("k:\n  '|re': '^e.il$'\ncondition: k", { f: 'evil', g: 'x' }, { text: 'an evil line that is longer than the field' }),
    ).toBe(true);
    expect(fires('k:\n  - evil\n  - f: x\ncondition: k', { f: 'x' })).toBe(true);
  });
  it('with an anchor sees a long field though the message holds it', () => {
    const long = `start ${'x'.repeat(60)}`;
    expect(fires("k:\n  '|re': '^start'\ncondition: k", { message: long }, { text: `<13>host ${long}` })).toBe(true);
  });
});

describe('maps and lists', () => {
  it('a map is AND, a list of maps OR', () => {
    expect(fires('s:\n  f: a\n  g: b\ncondition: s', { f: 'a' })).toBe(false);
    expect(fires('s:\n  - f: a\n  - g: b\ncondition: s', { g: 'b' })).toBe(true);
  });
});

describe('placeholders', () => {
  const lintsOf = (item: string) =>
    readRules('a.yml', ruleText(`s:\n  ${item}\ncondition: s`), {
      placeholders: new Map([
        ['admins', ['root']],
        ['none', []],
      ]),
    }).lints.map(({ reason }) => reason);
  it('alone ask a list; with anything else they are its texts, which is told', () => {
    expect(lintsOf("f|expand: '%admins%'")).toEqual([]);
    expect(lintsOf("f|expand: 'plain'")).toEqual([]);
    for (const item of [
      "f|expand|contains: '%admins%'",
      "f|expand: 'x%admins%'",
      "f|cased|expand: '%admins%'",
      "'@timestamp|expand': '%admins%'",
    ])
      expect(lintsOf(item)).toEqual([expect.stringMatching(/^the entries of the list are filled in when rules are read/)]);
  });
  it('hold of no value of a list without entries', () => {
    const none = { placeholders: new Map([['none', []]]) };
    expect(itemFires("f|expand: '%none%'", { f: 'root' }, none)).toBe(false);
    expect(itemFires("f|expand|neq: '%none%'", { f: 'root' }, none)).toBe(true);
  });
  const placeholders = new Map([['admins', ['root', 'svc*']]]);
  it('stand for the texts of their list, which have no wildcards', () => {
    expect(itemFires("f|expand: '%admins%'", { f: 'root' }, { placeholders })).toBe(true);
    expect(itemFires("f|expand: '%admins%'", { f: 'svc1' }, { placeholders })).toBe(false);
    expect(itemFires("f|expand: '%admins%'", { f: 'svc*' }, { placeholders })).toBe(true);
    expect(itemFires("f|expand: '%admins%@*'", { f: 'root@example.com' }, { placeholders })).toBe(true);
    expect(itemFires("f|expand|contains: '\\%x %admins%'", { f: 'a %x root b' }, { placeholders })).toBe(true);
    expect(itemFires("f: '%admins%'", { f: '%admins%' }, { placeholders })).toBe(true);
  });
  it('without a list reject the rule', () => {
    expect(faultsOf("s:\n  f|expand: '%admins%'\ncondition: s")).toEqual([
      '7:15: the placeholder `%admins%` has no list of that name: there are no lists',
    ]);
  });
});

describe('what cannot be honored is refused, with its place', () => {
  it.each([
    ['f|foo: a', '7:5: `foo` is not a modifier of Sigma 2.1'],
    ['f|contains|contains: a', '7:5: the modifier `contains` is there twice'],
    ['f|re|cidr: a', '7:5: the modifiers `re|cidr` exclude one another'],
    ['f|gt|lt: 1', '7:5: one comparison is possible in an item: write a second item'],
    ['f|i: a', '7:5: `i`, `m` and `s` are modifiers of `re`: write `re|i`'],
    ['f|contains|re: a', '7:5: `contains` has no meaning together with `re`'],
    ['f|re|cased: a', '7:5: `cased` has no meaning together with `re`'],
    ['f|exists: maybe', '7:15: the value of `exists` is true or false'],
    ['f|exists|neq: true', '7:5: `exists` stands alone; its value is true or false'],
    ['f|cidr: 192.0.2.0', '7:13: `192.0.2.0` is no network: write a network such as 192.0.2.0/24 or 2001:db8::/32'],
    [
      "f|re: 'a(?=b)'",
      '7:11: the regular expression uses look-around, which Sigma does not have: say it with a second selection and `not`',
    ],
    ["f|base64: 'a*'", '7:15: a value for `base64` must be plain text without wildcards: put `contains` after it'],
    ["f|wide|base64: 'a*'", '7:20: a value for `utf16le` must be plain text without wildcards, and be encoded once'],
    ['f: [a, null]', '7:12: null cannot stand in a list: write a second selection (Sigma 2.1, "Special Field Values")'],
    ['f|contains: null', '7:17: `f|contains` needs a value'],
    ['f: []', '7:8: a list without values matches nothing'],
    ['f: {a: b}', '7:8: a value must be text, a number, true, false or null, or a list of those'],
    ["'|exists': true", '7:5: `|exists` needs the name of a field before it'],
    ["'|startswith': a", '7:20: a keyword is searched anywhere in the event: it has no start and no end, and is not empty'],
  ])('%s', (item, fault) => {
    expect(faultsOf(`s:\n  ${item}\ncondition: s`)).toEqual([fault]);
  });

  it('all faults at once', () => {
    expect(faultsOf('s:\n  f|foo: a\n  g|bar: b\ntimeframe: 5m\ncondition: s')).toHaveLength(3);
  });
});

describe('explanation', () => {
  it('says which leaf matched which field and value, as the event has it', () => {
    const [hit] = hitsOf('sel:\n  user.name|startswith: SVC-\n  f: [x, y]\nnone:\n  g: z\ncondition: sel and not none', {
      'user.name': 'svc-Backup',
      f: 'y',
    });
    expect(hit?.matches).toEqual([
      { field: 'user.name', value: 'svc-Backup', leaf: 'sel: user.name|startswith: SVC-' },
      { field: 'f', value: 'y', leaf: 'sel: f: y' },
    ]);
  });
  it('shows the part of a long message around a keyword', () => {
    const [hit] = hitsOf('k: [needle]\ncondition: k', {}, { text: `${'a'.repeat(5_000)} needle ${'b'.repeat(5_000)}` });
    expect(hit?.matches[0]?.value).toContain('needle');
    expect(hit?.matches[0]?.value.length).toBeLessThanOrEqual(256);
  });
  it('shows an absence with an empty value', () => {
    expect(hitsOf('s:\n  f: null\ncondition: s', {})[0]?.matches).toEqual([{ field: 'f', value: '', leaf: 's: f: null' }]);
  });
});
