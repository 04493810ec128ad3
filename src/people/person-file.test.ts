import { describe, expect, it } from 'vitest';
import { mergePeople } from './person-draft.ts';
import { parsePeople } from './person-file.ts';

const YAML = `people:
  - id: asmith
    name: Alice Smith
    names: [W012J3F]
    emails: [alice.smith@example.com]
    privileged: true
  - id: bjones
    leaving_date: 2026-12-31
`;
const CSV = 'id,name,names,emails,active,department\nasmith,"Smith, Alice",W012J3F; asmith2,,yes,Finance\nbjones,,,,no,\n';

const faults = (file: string, content: string) => {
  const parsed = parsePeople(file, content);
  return parsed.ok ? [] : parsed.error.map(({ line, message }) => `${line}: ${message}`);
};

describe('a file of people', () => {
  it('is read from YAML and from CSV', () => {
    const yaml = parsePeople('p.yaml', YAML);
    expect(yaml.ok && yaml.value).toMatchObject([
      { id: 'asmith', displayName: 'Alice Smith', names: ['W012J3F'], privileged: true, source: 'p.yaml' },
      { id: 'bjones', leavingDate: '2026-12-31', names: [] },
    ]);
    const csv = parsePeople('p.csv', CSV);
    expect(csv.ok && csv.value).toMatchObject([
      { id: 'asmith', displayName: 'Smith, Alice', names: ['W012J3F', 'asmith2'], emails: [], active: true, department: 'Finance' },
      { id: 'bjones', active: false },
    ]);
  });

  it.each([
    ['p.yaml', 'people:\n  - id: a\n    emials: [x]\n', ['3: people[0].emials: unknown setting; did you mean "emails"?']],
    ['p.yaml', 'people:\n  - id: a\n  - id: A\n', ['3: people[1].id: the id A is taken already']],
    ['p.yaml', 'people: [', [expect.stringMatching(/^1: /)]],
    ['p.csv', 'id,nam\na,b\n', [expect.stringMatching(/^1: unknown column nam; known: id, name/)]],
    ['p.csv', 'name\na\n', [expect.stringMatching(/^1: there is no column id/)]],
    ['p.csv', 'id,active\na,perhaps\n,yes\n', [expect.stringMatching(/^2: active: /), expect.stringMatching(/^3: id: /)]],
    ['p.csv', 'id,leaving_date\na,31.12.2026\n', ['2: leaving_date: write a day as 2026-12-31']],
    ['p.csv', 'id\na\n\nA\n', ['4: the id A is taken already']],
  ])('%s %j is refused with its line', (file, content, expected) => {
    expect(faults(file, content)).toEqual(expected);
  });
});

describe('mergePeople', () => {
  it('makes one person of what several sources say', () => {
    const base = { names: [], emails: [], groups: [] };
    const people = mergePeople([
      { ...base, id: '7f-scim', otherIds: ['asmith@example.com'], displayName: 'Alice', groups: ['staff'], active: true, source: 'scim' },
      { ...base, id: 'ASMITH@example.com', displayName: 'A.', names: ['W1'], groups: ['dba'], privileged: true, source: 'p.yaml' },
      { ...base, id: 'bob', active: false, source: 'p.yaml' },
      { ...base, id: 'bob', active: true, title: 'Clerk', source: 'q.csv' },
    ]);
    expect(people).toMatchObject([
      { id: '7f-scim', displayName: 'Alice', groups: ['staff', 'dba'], active: true, privileged: true, sources: ['scim', 'p.yaml'] },
      { id: 'bob', displayName: 'bob', active: false, title: 'Clerk', sources: ['p.yaml', 'q.csv'] },
    ]);
    expect(people[0]?.names).toEqual(['asmith@example.com', 'W1', 'ASMITH@example.com']);
  });
});
