import { describe, expect, it } from 'vitest';
import { nest } from '../../src/model/document.ts';
import { type FieldNode, fieldTree, foundIn, type Json, nested } from './field-tree.ts';

const paths = (nodes: readonly FieldNode[]): unknown[] =>
  nodes.map(({ name, children }) => (children.length > 0 ? [name, paths(children)] : name));

describe('fields as a tree', () => {
  it('go together where their paths do', () => {
    expect(paths(fieldTree({ 'user.name': 'a', 'user.id': 1, message: 'm', 'log.syslog.priority': 3 }))).toEqual([
      'log.syslog.priority',
      'message',
      ['user', ['id', 'name']],
    ]);
  });

  it('keep a field that is a beginning of another', () => {
    expect(fieldTree({ a: 1, 'a.b': 2 })).toEqual([
      { name: 'a', path: 'a', value: 1, children: [{ name: 'b', path: 'a.b', value: 2, children: [] }] },
    ]);
  });

  it('are found by path and by value', () => {
    const tree = fieldTree({ 'user.name': 'ana', 'user.id': 7, 'host.name': 'web-01' });
    expect(paths(foundIn(tree, 'ANA'))).toEqual([['user', ['name']]]);
    expect(paths(foundIn(tree, 'host'))).toEqual(['host.name']);
    expect(foundIn(tree, 'nothing')).toEqual([]);
  });
});

describe('nested fields', () => {
  it.each<Record<string, Json>>([
    { 'a.b': 1, 'a.c': [1, null], d: { e: 1 } },
    { a: 1, 'a.b': 2, 'a.b.c': 3 },
    { 'a.b': null, 'a.b.c': 'x' },
    { __proto__x: 1, constructor: 'y', 'constructor.name': 'z' },
  ])('are what the hub makes of them: %j', (fields) => {
    expect(JSON.parse(JSON.stringify(nested(fields)))).toEqual(JSON.parse(JSON.stringify(nest(fields))));
  });

  it('a field named __proto__ is a field', () => {
    expect(JSON.stringify(nested(JSON.parse('{"__proto__.x":1}')))).toBe('{"__proto__":{"x":1}}');
  });
});
