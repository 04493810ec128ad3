import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Secret } from '../lib/secret.ts';
import { settingsSchema } from '../settings.ts';
import { exampleFile, jsonSchema, settingsReference } from './describe.ts';
import { loadConfig } from './load.ts';

interface Node {
  readonly description?: string;
  readonly const?: unknown;
  readonly secret?: boolean;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
}

interface Place {
  readonly key: string;
  readonly node: Node;
  /** Keys on the way; `*` for a member of a record or a list. */
  readonly path: readonly string[];
  /** By path, the `type` of each alternative that leads here. */
  readonly types: Readonly<Record<string, string>>;
}

/** Every setting of the JSON Schema: independent of how the reference walks it. */
function* places(node: Node, path: readonly string[] = [], types: Place['types'] = {}): Generator<Place> {
  for (const [key, child] of Object.entries(node.properties ?? {})) {
    if (child.const === undefined) yield { key, node: child, path: [...path, key], types };
    yield* places(child, [...path, key], types);
  }
  if (typeof node.additionalProperties === 'object') yield* places(node.additionalProperties, [...path, '*'], types);
  if (node.items !== undefined) yield* places(node.items, [...path, '*'], types);
  for (const kind of [...(node.anyOf ?? []), ...(node.oneOf ?? [])]) {
    const type = kind.properties?.type?.const;
    yield* places(kind, path, typeof type === 'string' ? { ...types, [path.join('.')]: type } : types);
  }
}

const all = [...places(jsonSchema(settingsSchema) as Node)];

describe('the settings', () => {
  it('have a sentence each', () => {
    expect(all.filter(({ node }) => !/^\S.*[.)`]$/s.test(node.description ?? '')).map(({ path }) => path.join('.'))).toEqual([]);
  });

  it('are all in the reference and in the example file', () => {
    const reference = settingsReference(settingsSchema);
    const example = exampleFile(settingsSchema);
    for (const { key } of all.filter(({ node }) => node.properties?.type === undefined)) {
      expect(reference).toMatch(new RegExp(`[.\`]${key}\``));
      expect(example).toMatch(new RegExp(`^#[- ]*${key}:`, 'm'));
    }
  });
});

describe('the example file', () => {
  const uncommented = exampleFile(settingsSchema).replace(/^#/gm, '');

  it('is YAML when its first `#`s are gone', () => {
    const document = parse(uncommented) as { sources: Record<string, { type: string }>; notifiers: Record<string, { type: string }> };
    expect(Object.values(document.sources).map(({ type }) => type)).toEqual(['syslog', 'http', 'file', 'slack_audit']);
    expect(Object.values(document.notifiers).map(({ type }) => type)).toEqual(['slack_bot', 'slack_webhook', 'mail']);
  });

  it.each([
    ['syslog', {}],
    ['http', {}],
    ['file', { paths: ['/var/log/auth.log'] }],
    ['slack_audit', { token: 'xoxp-made-up' }],
  ])('shows for a source of type %s defaults that are valid', (type, needed) => {
    const shown = blockOf('sources', type);
    const defaults = Object.fromEntries(
      Object.entries(shown).filter(([key, value]) => value !== null && typeof value !== 'object' && key !== 'type'),
    );
    const loaded = settingsSchema.safeParse({ sources: { mine: { type, ...defaults, ...needed } } });
    expect(loaded.error?.issues ?? []).toEqual([]);
    expect(loaded.data?.sources.mine).toMatchObject(defaults);
  });

  it.each([
    ['slack_webhook', { url: 'https://hooks.slack.example.com/services/T0/B0/x' }],
    ['slack_bot', { token: 'xoxb-made-up', channel: 'C0123456789' }],
    ['mail', { host: 'mail.example.com', from: 'earshot@example.com', to: ['soc@example.com'] }],
  ])('shows for a notifier of type %s defaults that are valid', (type, needed) => {
    const shown = Object.entries(blockOf('notifiers', type));
    const defaults = Object.fromEntries(shown.filter(([, value]) => value !== null && typeof value !== 'object'));
    expect(settingsSchema.safeParse({ notifiers: { mine: { ...defaults, ...needed } } }).error?.issues ?? []).toEqual([]);
  });

  /** The settings that the file shows for one type. */
  function blockOf(section: string, type: string): Record<string, unknown> {
    const [, body = ''] = uncommented.split(`\n${section}:\n`);
    const [, block = ''] = body.split(`  ${type}:\n`);
    const end = block.search(/^(?! {4}|$)/m);
    return parse(end < 0 ? block : block.slice(0, end)) as Record<string, unknown>;
  }
});

describe('secrets', () => {
  const secrets = all.filter(({ node }) => node.secret === true);
  const MARK = 'tops3cret-0123456789';

  it('are known', () => {
    expect(secrets.map(({ path }) => path.join('.'))).toEqual([
      'auth.oidc.client_secret',
      'sources.*.auth.secret',
      'sources.*.token',
      'notifiers.*.token',
      'notifiers.*.signing_secret',
      'notifiers.*.app_token',
      'notifiers.*.url',
      'notifiers.*.password',
      'acts.systems.*.token',
      'acts.systems.*.client_secret',
      'state.url',
    ]);
  });

  it.each(secrets.map((place) => [place.path.join('.'), place] as const))(
    '%s is never shown, neither good nor in a fault',
    (_, { path, types }) => {
      const values: Record<string, string> = {
        url: `https://user:${MARK}@hooks.slack.com/services/${MARK}`,
        token: `${path[0] === 'notifiers' ? 'xoxb' : 'xoxp'}-${MARK}`,
        app_token: `xapp-${MARK}`,
      };
      const value = values[path.at(-1) ?? ''] ?? MARK;
      const needed: Record<string, unknown> = {
        hmac: { header: 'x-signature' },
        segura_sessions: { url: 'https://vault.example.com', client_id: 'earshot' },
        mail: { host: 'mail.example.com', user: 'earshot', from: 'earshot@example.com', to: ['soc@example.com'] },
        slack_bot: { channel: 'C0123456789', token: 'xoxb-made-up' },
        'auth.oidc': { issuer: 'https://idp.example.com', client_id: 'earshot', groups: [{ group: '*', role: 'viewer' }] },
      };
      const build = (depth: number): unknown => {
        if (depth === path.length) return value;
        const at = path.slice(0, depth).join('.');
        const type = types[at];
        const key = path[depth] === '*' ? 'mine' : (path[depth] ?? '');
        return {
          ...(type !== undefined && { type, ...((needed[type] as object) ?? {}) }),
          ...((needed[at] as object) ?? {}),
          [key]: build(depth + 1),
        };
      };
      const document = build(0) as Record<string, unknown>;
      const loaded = loadConfig(settingsSchema, JSON.stringify(document), {});
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
      expect(JSON.stringify(loaded.value.settings)).not.toContain(MARK);
      expect(JSON.stringify(loaded.value.settings)).toContain(new Secret('x').toString());

      const [section = ''] = path;
      const faulty = loadConfig(
        settingsSchema,
        JSON.stringify({ ...document, [section]: { ...(document[section] as object), '!': { url: MARK, secret: MARK } } }),
        {},
      );
      expect(faulty.ok).toBe(false);
      expect(JSON.stringify(faulty)).not.toContain(MARK);
    },
  );
});
