import { z } from 'zod';

/** The part of JSON Schema that zod writes for settings. */
interface Node {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly secret?: boolean;
}

/** The JSON Schema (2020-12) of a configuration as a user writes it. */
export const jsonSchema = (schema: z.ZodType): Readonly<Record<string, unknown>> =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>;

/** One setting, as the reference and the example file show it. */
interface Setting {
  readonly path: string;
  readonly node: Node;
  readonly depth: number;
  readonly key: string;
  readonly kind: 'value' | 'group';
  /** Of an alternative: its `type`. */
  readonly type?: string;
  /** The first setting of a list's entry. */
  readonly opensEntry: boolean;
  /** The `type` of the alternative whose first setting this is. */
  readonly opensKind?: string;
}

/** Every setting in the order of the schema; members of a record stand under `<name>`, alternatives one after another. */
function* settings(node: Node, path = '', depth = 0, entry = false): Generator<Setting> {
  let opensEntry = entry;
  for (const [key, child] of Object.entries(node.properties ?? {})) {
    if (child.const !== undefined) continue;
    yield* setting(key, child, { path: path === '' ? key : `${path}.${key}`, depth, opensEntry });
    opensEntry = false;
  }
}

function* setting(key: string, whole: Node, at: { path: string; depth: number; opensEntry: boolean }): Generator<Setting> {
  const node = unfolded(whole);
  const { path, depth } = at;
  const members = typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined;
  const kinds = kindsOf(node).filter((kind) => kind.properties !== undefined);
  const group = node.properties !== undefined || members !== undefined || node.items?.properties !== undefined || kinds.length > 0;
  yield { ...at, key, node, kind: group ? 'group' : 'value' };
  yield* settings(node, path, depth + 1);
  if (node.items?.properties !== undefined) yield* settings(node.items, `${path}[]`, depth + 2, true);
  for (const kind of kinds) {
    let opensKind: string | undefined = typeName(kind);
    for (const each of settings(kind, `${path}(${opensKind})`, depth + 1)) {
      yield opensKind === undefined ? each : { ...each, opensKind };
      opensKind = undefined;
    }
  }
  if (members === undefined) return;
  const name = `${path}.<name>`;
  const memberKinds = members.properties === undefined ? kindsOf(members) : [members];
  if (!memberKinds.some((kind) => kind.properties !== undefined)) {
    yield { path: name, node: members, depth: depth + 1, key: '<name>', kind: 'value', opensEntry: false };
    return;
  }
  for (const kind of memberKinds) {
    const type = typeName(kind);
    yield { path: name, node: kind, depth: depth + 1, key: '<name>', kind: 'group', opensEntry: false, ...(type !== '' && { type }) };
    yield* settings(kind, type === '' ? name : `${name}(${type})`, depth + 2);
  }
}

/** Of `false`-or-a-group the group, so that what stands in it is shown. */
function unfolded(node: Node): Node {
  const alternatives = node.anyOf ?? [];
  const group =
    alternatives.length === 2 && alternatives.some((a) => a.const === false) ? alternatives.find((a) => a.properties) : undefined;
  return group === undefined ? node : { ...group, ...(node.description !== undefined && { description: node.description }) };
}

const kindsOf = (node: Node): readonly Node[] => node.oneOf ?? node.anyOf ?? [];
const typeName = (node: Node): string => String(node.properties?.type?.const ?? '');

/** `earshot.example.yaml`: every setting with its sentence and default, all of it commented out. */
export function exampleFile(schema: z.ZodType): string {
  const lines = [
    '## Every setting of Earshot, with its default. None is needed: take from here what you change, without the first `#`.',
    '## ${NAME} in a value is filled from the environment; secrets may also come from a file: "file:/run/secrets/slack-url".',
    '## A relative path begins in the folder in which `earshot` is started, not where this file lies.',
    '## Names of sources and notifiers (here each has that of its type) are yours to choose.',
    '## Generated from the schemas by `npm run docs`. Do not edit.',
    '',
  ];
  for (const { node, depth, key, kind, type, opensEntry, opensKind } of settings(jsonSchema(schema) as Node)) {
    const indent = '  '.repeat(depth);
    if (depth === 0) lines.push('');
    if (opensKind !== undefined) lines.push(`#${indent}# With \`type: ${opensKind}\`:`);
    for (const line of sentences(node)) lines.push(`#${indent}# ${line}`);
    const dash = opensEntry ? `${indent.slice(2)}- ` : indent;
    lines.push(`#${dash}${key === '<name>' && type !== undefined ? type : key}:${kind === 'group' ? '' : ` ${exampleValue(node)}`}`);
    if (type !== undefined) lines.push(`#${indent}  type: ${type}`);
  }
  return `${lines.join('\n')}\n`;
}

const sentences = (node: Node): string[] => (node.description ?? '').split('\n').filter((line) => line !== '');

function exampleValue(node: Node): string {
  if (node.default !== undefined) return JSON.stringify(node.default);
  if (node.enum !== undefined) return `# one of ${node.enum.map((v) => JSON.stringify(v)).join(', ')}`;
  return `# ${typeOf(node)}`;
}

/** `docs/reference/settings.md`: a table of every setting. */
export function settingsReference(schema: z.ZodType): string {
  const rows = [...settings(jsonSchema(schema) as Node)]
    .filter(({ kind, node }) => kind === 'value' || node.description !== undefined)
    .map(({ path, node, kind }) => {
      const fallback = kind === 'group' ? '' : node.default === undefined ? 'none' : `\`${JSON.stringify(node.default)}\``;
      return `| \`${path}\` | ${kind === 'group' ? 'group' : typeOf(node)} | ${cell(fallback)} | ${cell(sentences(node).join(' '))} |`;
    });
  return `# Settings\n\nGenerated from the schemas by \`npm run docs\`. Do not edit.\n\n| setting | type | default | meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

const cell = (text: string) => text.replaceAll('|', '\\|');

function typeOf(node: Node): string {
  if (node.secret === true) return 'secret';
  if (node.enum !== undefined) return cell(node.enum.map((v) => `\`${String(v)}\``).join(' | '));
  if (node.const !== undefined) return `\`${JSON.stringify(node.const)}\``;
  if (node.items !== undefined) return `list of ${typeOf(node.items)}`;
  const kinds = node.oneOf ?? node.anyOf;
  if (kinds !== undefined) return [...new Set(kinds.map(typeOf))].join(' or ');
  const bounds = [node.minimum, node.maximum].map((bound) =>
    bound === undefined || Math.abs(bound) >= Number.MAX_SAFE_INTEGER ? '' : String(bound),
  );
  return `${node.type ?? 'any'}${bounds.join('') === '' ? '' : ` ${bounds.join(' … ')}`}`;
}
