import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

type Node = string | number | boolean | null | Node[] | { [key: string]: Node };
type Document = { [key: string]: Node };

/** Modifiers whose values cannot be changed by appending to them. */
const LEFT_AS_IS = /\|(re|cidr|expand|exists|base64|base64offset|gt|gte|lt|lte|fieldref)\b/;

/**
 * Writes `count` rules below a folder: the public ones, then as many variants of them as are wanted, each asking for other values of the same
 * fields. Of the variants for Linux, half are for Windows, as the public ones here have none.
 */
export function writeRules(from: string, to: string, count: number): void {
  const base = readdirSync(from, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yml'))
    .sort()
    .map((file) => parse(readFileSync(join(from, file), 'utf8')) as Document);
  // A hundred rules are of all kinds, too.
  const spread = base.map((_, i) => base[(i * 283) % base.length]).filter((rule) => rule !== undefined);
  mkdirSync(to, { recursive: true });
  for (let n = 0; n < count; n++) {
    const rule = spread[n % spread.length] ?? {};
    const round = Math.floor(n / spread.length);
    writeFileSync(join(to, `rule-${String(n).padStart(5, '0')}.yml`), stringify(round === 0 ? rule : variant(rule, n, round)));
  }
}

function variant(rule: Document, n: number, round: number): Document {
  const { detection, logsource } = rule;
  const hex = n.toString(16).padStart(8, '0');
  return {
    ...rule,
    id: `${hex}-0000-4000-8000-000000000000`,
    title: `${String(rule.title)}, variant ${round}`,
    logsource:
      isMap(logsource) && logsource.product === 'linux' && round % 2 === 1 ? { ...logsource, product: 'windows' } : (logsource ?? null),
    detection: isMap(detection)
      ? Object.fromEntries(Object.entries(detection).map(([key, value]) => [key, key === 'condition' ? value : changed(value, '', round)]))
      : null,
  };
}

const isMap = (node: Node | undefined): node is Document => typeof node === 'object' && node !== null && !Array.isArray(node);

function changed(node: Node, key: string, round: number): Node {
  if (Array.isArray(node)) return node.map((each) => changed(each, key, round));
  if (isMap(node)) return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, changed(value, name, round)]));
  if (typeof node !== 'string' || node === '' || LEFT_AS_IS.test(key)) return node;
  // Before what stands open at the end: `foo*` is to become `foo-1*`.
  return node.replace(/(\*?)$/, `-${round}$1`);
}
