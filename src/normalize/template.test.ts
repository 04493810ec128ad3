import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileTemplate } from './template.ts';

function match(form: string, line: string): Record<string, string> | undefined {
  const template = compileTemplate(form);
  if (!template.ok) throw new Error(template.error);
  const texts = template.value.match(line);
  return texts && Object.fromEntries(template.value.places.map((place, i) => [place.name, texts[i] ?? '']));
}

describe('compileTemplate', () => {
  it.each([
    ['a word', 'Session {id} ended', 'Session 12 ended', { id: '12' }],
    ['no word with a blank', 'Session {id} ended', 'Session 1 2 ended', undefined],
    ['no empty word', 'Session {id} ended', 'Session  ended', undefined],
    ['digits', 'port {p#}', 'port 22', { p: '22' }],
    ['no letters for digits', 'port {p#}', 'port ssh', undefined],
    ['the first place that fits', 'a {x~} b {y~}', 'a 1 b 2 b 3', { x: '1', y: '2 b 3' }],
    ['the last place that fits', 'for {user*} from {ip}', 'for x from 6.6.6.6 from 192.0.2.1', { user: 'x from 6.6.6.6', ip: '192.0.2.1' }],
    ['an empty text', 'user {user*} from {ip}', 'user  from 192.0.2.1', { user: '', ip: '192.0.2.1' }],
    [
      'places behind the last one',
      '{a} for {b*} from {c} port {d#} ssh2: {e~}',
      'x for y from z port 1 ssh2: K from q port 2 ssh2: K L',
      {
        a: 'x',
        b: 'y from z port 1 ssh2: K',
        c: 'q',
        d: '2',
        e: 'K L',
      },
    ],
    ['nothing behind the end', 'ends', 'ends here', undefined],
    ['nothing before the start', 'ends', 'it ends', undefined],
    ['a literal that overlaps nothing', 'a{x*}a', 'a', undefined],
    ['a line that is its start only', 'a {x*} b {y}', 'a ', undefined],
  ])('matches %s', (_, form, line, expected) => {
    expect(match(form, line)).toEqual(expected);
  });

  it.each([
    ['{a}{b}', 'touch'],
    ['{a*} {b*}', 'more than one'],
    ['{a', 'a place is not'],
    ['{}', 'a place is not'],
  ])('refuses %s', (form, fault) => {
    expect(compileTemplate(form)).toMatchObject({ ok: false, error: expect.stringContaining(fault) });
  });

  it('never throws, and gives back the line when it matches', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.stringMatching(/^[a-z0-9.]{1,8}$/), (user, before, ip) => {
        match('{x~}: for {user*} from {ip}', before);
        expect(match('for {user*} from {ip}', `for ${user} from ${ip}`)).toEqual({ user, ip });
      }),
    );
  });
});
