import { base64Offsets } from '../../src/detect/sigma/encoding.ts';
import type { Pattern } from '../../src/detect/sigma/pattern.ts';
import { type Leaf, leaves, type Tree } from '../../src/detect/sigma/tree.ts';
import type { Judged } from '../../src/detect/stream/judged.ts';
import type { Fields, Value } from '../../src/model/event.ts';
import { FieldSet } from '../../src/model/field-set.ts';

/** A number in [0, below). */
export type Random = (below: number) => number;

/** Numbers that are the same for the same seed (mulberry32). */
export function seeded(seed: number): Random {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

/** An event on which some leaves of a rule are true and others nearly so: the places where an index can go wrong. */
export function eventFor(tree: Tree, random: Random): Judged {
  const fields: Fields = {};
  const words: string[] = [];
  const all = leaves(tree);
  const chosen = all.length > 40 ? Array.from({ length: 40 }, () => all[random(all.length)]) : all;
  for (const leaf of chosen) {
    if (leaf === undefined || random(4) === 0) continue;
    const value = valueFor(leaf, random);
    if (value === undefined) continue;
    if (leaf.fields === undefined) words.push(String(value));
    else put(fields, leaf.fields[random(leaf.fields.length)] ?? '', value, random);
  }
  if (random(3) === 0) fields[`other.${random(5)}`] = words.splice(0).join(' ');
  return {
    fields: FieldSet.of(fields),
    text: noise(words.join(' '), random),
    timestamp: Date.UTC(2026, random(12), 1 + random(28), random(24), random(60)),
    source: 'test',
  };
}

function put(fields: Fields, path: string, value: Value, random: Random): void {
  const element = /^(.+)\[(\d+)\]$/.exec(path);
  if (element) {
    const list = Array.isArray(fields[element[1] ?? '']) ? [...(fields[element[1] ?? ''] as Value[])] : [];
    while (list.length <= Number(element[2])) list.push('');
    list[Number(element[2])] = value;
    fields[element[1] ?? ''] = list;
    return;
  }
  const words = path.split('.');
  if (words.length > 2 && random(8) === 0) fields[words.slice(0, 2).join('.')] = [{ [words.slice(2).join('.')]: value }];
  else fields[path] = random(5) === 0 ? ['other', value, null] : value;
}

function valueFor(leaf: Leaf, random: Random): Value | undefined {
  const { test } = leaf;
  switch (test.kind) {
    case 'text':
      return noise(spell(test.pattern, random), random);
    case 'regex':
      return noise(test.source.replace(/[\\^$()?:|[\]{}+*]/g, ''), random);
    case 'cidr':
      return test.network.bytes.slice(12).join('.');
    case 'compare':
    case 'time':
      return test.number + random(3) - 1;
    case 'exists':
    case 'null':
      return [undefined, null, '', 'x'][random(4)];
    case 'list':
      return test.list;
    case 'field':
      return 'same';
  }
}

const spell = (pattern: Pattern, random: Random): string =>
  pattern
    .map((part) =>
      typeof part === 'string' ? part : part.special === 'any' ? ['', 'x', ' y/', 'zz'][random(4)] : part.special === 'dash' ? '/' : '😀',
    )
    .join('');

/** Sometimes other case, text before, text after, a character lost, or characters that fold in odd ways. */
function noise(text: string, random: Random): string {
  switch (random(9)) {
    case 0:
      return text.toUpperCase();
    case 1:
      return `x${text}`;
    case 2:
      return `${text} y`;
    case 3:
      return text.slice(0, -1);
    case 4:
      return `İ${text}ß`;
    case 5:
      return text.replaceAll('k', '\u212a').replaceAll('s', 'S');
    case 6:
      return base64Offsets(Buffer.from(text))[random(3)] ?? text;
    default:
      return text;
  }
}
