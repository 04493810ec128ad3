import { type Bound, hasWildcard, type Leaf, type Pattern, plainText, type QueryNode } from './node.ts';

/** Writes a query so that it reads back as the same tree. */
export function printQuery(node: QueryNode): string {
  switch (node.type) {
    case 'all':
      return '*';
    case 'and':
      return node.nodes.map((inner) => (inner.type === 'or' ? `(${printQuery(inner)})` : printQuery(inner))).join(' AND ');
    case 'or':
      return node.nodes.map(printQuery).join(' OR ');
    case 'not':
      return `NOT ${node.node.type === 'and' || node.node.type === 'or' ? `(${printQuery(node.node)})` : printQuery(node.node)}`;
    default:
      return printLeaf(node);
  }
}

function printLeaf(leaf: Leaf): string {
  if (leaf.type === 'text') return printPattern(leaf.pattern);
  const field = escaped(leaf.field);
  switch (leaf.type) {
    case 'exists':
      return `${field}:*`;
    case 'is':
      return `${field}:${printPattern(leaf.pattern)}`;
    case 'network':
      return `${field}:${leaf.cidr}`;
    case 'range': {
      const end = (bound: Bound | undefined): string =>
        bound === undefined ? '*' : leaf.kind === 'text' ? quote(bound.text) : printBare(bound.text);
      const open = leaf.lower?.inclusive === false ? '{' : '[';
      return `${field}:${open}${end(leaf.lower)} TO ${end(leaf.upper)}${leaf.upper?.inclusive === false ? '}' : ']'}`;
    }
  }
}

const printPattern = (pattern: Pattern): string =>
  hasWildcard(pattern)
    ? pattern.map((piece) => (typeof piece === 'string' ? escaped(piece) : piece.wild)).join('')
    : quote(plainText(pattern));

/** A time may hold a blank (`2026-01-31 10:00`); nothing else that is bare does. */
const printBare = (text: string): string => text.replaceAll(' ', '\\ ');

const quote = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&')}"`;

const escaped = (text: string): string => text.replace(/[\\*?:()[\]{}"<>!+\-&|/\s]/g, '\\$&');
