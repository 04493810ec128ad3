import { describe, expect, it } from 'vitest';
import { MAPPINGS } from '../integrations/index.ts';
import { checkFields, checkMappings } from './check-mappings.ts';
import type { EventWords, Mapping } from './mapping.ts';

const words: EventWords = { action: 'login', category: ['authentication'], type: ['start'] };
const acme: Mapping = { product: 'acme', dataset: 'acme.door', appliesTo: { programs: ['acmed'] } };

// What TypeScript would refuse, as a mapping written in JavaScript or read from a file would have it.
const loose = (words: unknown): EventWords => words as EventWords;

describe('checkMappings', () => {
  it('finds nothing wrong with what is shipped', () => {
    expect(checkMappings(MAPPINGS)).toEqual([]);
  });

  it.each<[string, Mapping, string]>([
    ['a product in capitals', { ...acme, product: 'Acme', dataset: 'Acme.door' }, 'acme.door: product'],
    ['a product that is a field set of ECS', { ...acme, product: 'user', dataset: 'user.door' }, 'product: "user" is taken'],
    ['a product that is Earshot', { ...acme, product: 'earshot', dataset: 'earshot.audit' }, 'product: "earshot" is taken'],
    ['a dataset of another product', { ...acme, dataset: 'slack.audit' }, 'dataset: "slack.audit" must be acme'],
    ['a mapping for nothing', { ...acme, appliesTo: {} }, 'appliesTo: names nothing'],
    ['an unknown field', { ...acme, fields: { who: 'user.nickname' } }, 'fields.who: user.nickname is not a field of ECS'],
    ['a group of fields', { ...acme, fields: { who: 'user' } }, 'fields.who: user is not a field of ECS'],
    ['a field of Earshot’s', { ...acme, fields: { id: 'event.id' } }, 'fields.id: event.id is set by Earshot'],
    ['another vendor’s field', { ...acme, fields: { x: 'slack.team' } }, 'fields.x: slack.team is not a field of ECS'],
    ['a template', { ...acme, messages: [{ form: '{a}{b}', event: words }] }, 'messages[0].form: two places touch'],
    ['a place in a template', { ...acme, messages: [{ form: 'by {user.nick}', event: words }] }, 'messages[0].form {user.nick}'],
    [
      'a value of another type',
      { ...acme, messages: [{ form: 'x', event: words, set: { 'source.port': '22' } }] },
      'source.port is long in ECS',
    ],
    [
      'a value that is no array',
      { ...acme, messages: [{ form: 'x', event: words, set: { 'host.ip': '192.0.2.1' } }] },
      'host.ip is an array in ECS',
    ],
    [
      'a value that is an array',
      { ...acme, messages: [{ form: 'x', event: words, set: { 'user.name': ['a'] } }] },
      'user.name is no array in ECS',
    ],
    ['a category', { ...acme, events: { 1: loose({ ...words, category: ['login'] }) } }, 'events.1.category: "login" is no event.category'],
    ['a type', { ...acme, events: { 1: { ...words, type: ['deletion'] } } }, 'events.1.type: "deletion" is no event.type that ECS expects'],
    ['an outcome', { ...acme, events: { 1: loose({ ...words, outcome: 'good' }) } }, 'events.1.outcome: "good"'],
    ['an action', { ...acme, events: { 1: { ...words, action: 'Log In' } } }, 'events.1.action: "Log In"'],
    ['what a reader writes', { ...acme, reader: { writes: ['who.knows'], events: [], read: () => false } }, 'reader.writes[0]: who.knows'],
  ])('finds fault with %s', (_, mapping, expected) => {
    const found = checkMappings([mapping]).map(({ place, fault }) => `${place}: ${fault}`);
    expect(found.join('\n').toLowerCase()).toContain(expected.toLowerCase());
  });

  it('finds two mappings for one program, in any case', () => {
    const other: Mapping = { ...acme, dataset: 'acme.gate', appliesTo: { programs: ['ACMED'] } };
    expect(checkMappings([acme, other])).toEqual([{ place: 'acme.gate: appliesTo', fault: 'program acmed belongs to acme.door already' }]);
  });
});

describe('checkFields', () => {
  it('finds what ECS does not have, or has as another type', () => {
    const fields = { 'user.name': 'a', 'user.nick': 'b', 'source.ip': 'x', 'event.type': 'start', 'acme.x': 1, 'labels.y': 'z' };
    expect(checkFields(fields, ['acme.'])).toEqual([
      'user.nick is not a field of ECS',
      'source.ip is ip in ECS',
      'event.type is an array in ECS',
    ]);
  });
});
