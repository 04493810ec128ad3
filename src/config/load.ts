import { isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { z } from 'zod';
import { err, ok, type Result } from '../lib/result.ts';
import type { ConfigFault } from './fault.ts';
import { interpolate, type Tree } from './interpolate.ts';
import { nearest } from './nearest.ts';

export interface Loaded<S extends z.ZodType> {
  readonly settings: z.output<S>;
  /** The document after environment variables were filled in and before it was checked: a worker thread parses it again. */
  readonly document: Tree;
}

/**
 * What is wrong beyond the schema: parts that do not fit each other, files that are not there. `sound` tells whether a top-level setting
 * is as the file has it; one that is not has its default here.
 */
export type FurtherCheck<S extends z.ZodType> = (settings: z.output<S>, sound: (key: string) => boolean) => readonly ConfigFault[];

/**
 * Reads a configuration: YAML 1.2, then environment variables in string leaves, then the schema, then `further`. All faults at once,
 * each with its path, its line, and the setting that was probably meant.
 */
export function loadConfig<S extends z.ZodType>(
  schema: S,
  text: string,
  env: NodeJS.ProcessEnv,
  further: FurtherCheck<S> = () => [],
): Result<Loaded<S>, readonly ConfigFault[]> {
  const lines = new LineCounter();
  const yaml = parseDocument(text, { lineCounter: lines, version: '1.2', uniqueKeys: true } as const);
  if (yaml.errors.length > 0) {
    return err(
      yaml.errors.map((e) => ({
        path: '',
        line: lines.linePos(e.pos[0]).line,
        column: lines.linePos(e.pos[0]).col,
        message: firstLine(e.message),
      })),
    );
  }

  const faults: ConfigFault[] = [];
  const document = interpolate((yaml.toJS({ maxAliasCount: 100 }) ?? {}) as Tree, env, faults);
  const parsed = schema.safeParse(document);
  // What the schema says of the empty text that stands for a missing variable is no second fault.
  const missing = new Set(faults.map(({ path }) => path));
  if (!parsed.success) {
    faults.push(...parsed.error.issues.flatMap((issue) => issueFaults(issue, schema)).filter(({ path }) => !missing.has(path)));
  }
  faults.push(...furtherFaults(schema, document, faults, further));
  if (parsed.success && faults.length === 0) return ok({ settings: parsed.data, document });
  return err(faults.map((fault) => ({ ...fault, ...position(yaml.contents, fault.path, lines) })));
}

/** What `further` says of the settings that are sound, so that a slip in one place does not hide a fault in another. */
function furtherFaults<S extends z.ZodType>(
  schema: S,
  document: Tree,
  faults: readonly ConfigFault[],
  further: FurtherCheck<S>,
): readonly ConfigFault[] {
  if (document === null || typeof document !== 'object' || Array.isArray(document)) return [];
  const unsound = new Set(faults.map(({ path }) => path.split(/[.[]/, 1)[0] ?? ''));
  const sound = (key: string) => !unsound.has(key);
  const parsed = schema.safeParse(Object.fromEntries(Object.entries(document).filter(([key]) => sound(key))));
  return parsed.success ? further(parsed.data, sound).filter(({ path }) => sound(path.split(/[.[]/, 1)[0] ?? '')) : [];
}

const firstLine = (text: string) => text.split('\n')[0] ?? text;

function issueFaults(issue: z.core.$ZodIssue, schema: z.ZodType): ConfigFault[] {
  const path = printPath(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, issue.path);
    return issue.keys.map((key) => {
      const meant = nearest(key, known);
      if (meant === key) return { path: path === '' ? key : `${path}.${key}`, message: 'not a setting of this type' };
      const hint = meant === undefined ? `known here: ${known.join(', ')}` : `did you mean "${meant}"?`;
      return { path: path === '' ? key : `${path}.${key}`, message: `unknown setting; ${hint}` };
    });
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // An alternative of another kind (`false` where a group stands) has nothing to say of what is inside.
    const sameKind = issue.errors.filter((issues) =>
      issues.some(({ path: inner, code }) => inner.length > 0 || code === 'unrecognized_keys'),
    );
    const closest = [...(sameKind.length > 0 ? sameKind : issue.errors)].sort((a, b) => a.length - b.length)[0] ?? [];
    if (closest.length > 0) return closest.flatMap((inner) => issueFaults({ ...inner, path: [...issue.path, ...inner.path] }, schema));
  }
  return [{ path, message: issue.message }];
}

const printPath = (path: readonly PropertyKey[]) =>
  path.reduce<string>(
    (all, step) => (typeof step === 'number' ? `${all}[${step}]` : all === '' ? String(step) : `${all}.${String(step)}`),
    '',
  );

/** The settings that a schema knows at a path: what an unknown one is compared with. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let nodes: JsonSchema[] = [z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema];
  for (const step of path) {
    nodes = nodes.flatMap(alternatives).flatMap((node) => {
      if (typeof step === 'number') return node.items === undefined ? [] : [node.items];
      const child =
        node.properties?.[String(step)] ?? (typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined);
      return child === undefined ? [] : [child];
    });
  }
  return [...new Set(nodes.flatMap(alternatives).flatMap((node) => Object.keys(node.properties ?? {})))];
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}
const alternatives = (node: JsonSchema): JsonSchema[] => [node, ...(node.anyOf ?? []), ...(node.oneOf ?? [])];

/** Where a path stands in the file; the nearest parent for what is missing. */
function position(root: unknown, path: string, lines: LineCounter): { line?: number; column?: number } {
  let node: unknown = root;
  let offset = startOf(root);
  for (const step of path.split(/[.[\]]+/).filter((s) => s !== '')) {
    if (isMap(node)) {
      const pair = node.items.find((item) => String(isScalar(item.key) ? item.key.value : item.key) === step);
      if (pair === undefined) break;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      offset = startOf(node) ?? offset;
    } else break;
  }
  if (offset === undefined) return {};
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

const startOf = (node: unknown): number | undefined => (isNode(node) ? ((node as Node).range?.[0] ?? undefined) : undefined);
