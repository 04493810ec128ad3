import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { printFault } from './fault.ts';
import { loadConfig } from './load.ts';
import { secret } from './secret-field.ts';

const schema = z.strictObject({
  name: z.string().default('hub'),
  api: z.strictObject({ listen: z.string().default('127.0.0.1:8484'), timeout_secs: z.number().int().min(1).default(30) }).prefault({}),
  token: secret().optional(),
  tls: z.union([z.literal(false), z.strictObject({ key: z.string() })]).default(false),
  sources: z
    .record(
      z.string(),
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('syslog'), listen: z.string().optional() }),
        z.strictObject({ type: z.literal('file'), paths: z.array(z.string()) }),
      ]),
    )
    .default({}),
});

const load = (text: string, env: NodeJS.ProcessEnv = {}) => loadConfig(schema, text, env);
const faults = (text: string, env: NodeJS.ProcessEnv = {}) => {
  const loaded = load(text, env);
  return loaded.ok ? [] : loaded.error.map((fault) => printFault('earshot.yaml', fault));
};

describe('loadConfig', () => {
  it('needs no setting', () => {
    expect(load('')).toMatchObject({ ok: true, value: { settings: { name: 'hub', api: { timeout_secs: 30 } } } });
  });

  it('tells all faults at once, each with line, path and the setting that was meant', () => {
    expect(faults('api:\n  lisen: x\n  timeout_secs: no\nsources:\n  office:\n    type: syslog\n    liste: y\n')).toEqual([
      'earshot.yaml:3:3 api.timeout_secs: Invalid input: expected number, received string',
      'earshot.yaml:2:3 api.lisen: unknown setting; did you mean "listen"?',
      'earshot.yaml:7:5 sources.office.liste: unknown setting; did you mean "listen"?',
    ]);
  });

  it('tells what is wrong inside a group that may also be false, or that belongs to another type', () => {
    expect(faults('tls:\n  key: 5\n  kez: x\n')).toEqual([
      'earshot.yaml:2:3 tls.key: Invalid input: expected string, received number',
      'earshot.yaml:3:3 tls.kez: unknown setting; did you mean "key"?',
    ]);
    expect(faults('sources:\n  office:\n    type: syslog\n    paths: []\n')).toEqual([
      'earshot.yaml:4:5 sources.office.paths: not a setting of this type',
    ]);
  });

  it('says what another check has to say of the settings that are sound', () => {
    const further = () => [
      { path: 'name', message: 'is taken' },
      { path: 'api.listen', message: 'is taken' },
    ];
    const loaded = loadConfig(schema, 'name: x\napi:\n  listen: a\n  timeout_secs: no\n', {}, further);
    if (loaded.ok) throw new Error('expected faults');
    expect(loaded.error.map((fault) => printFault('e', fault))).toEqual([
      'e:4:3 api.timeout_secs: Invalid input: expected number, received string',
      'e:1:1 name: is taken',
    ]);
  });

  it('names the line of broken YAML, and of a key given twice', () => {
    expect(faults('name: [a\n')[0]).toContain('earshot.yaml:2:1');
    expect(faults('name: a\nname: b\n')[0]).toContain('earshot.yaml:2:1');
  });

  it('fills environment variables in string leaves only, after parsing', () => {
    const hostile = { NAME: 'x\napi:\n  listen: evil' };
    expect(load('name: ${NAME}\n', hostile)).toMatchObject({
      ok: true,
      value: { settings: { name: hostile.NAME, api: { listen: '127.0.0.1:8484' } } },
    });
    expect(load('name: ${MISSING:-fallback}\n')).toMatchObject({ ok: true, value: { settings: { name: 'fallback' } } });
    expect(load('name: $${KEPT}\n')).toMatchObject({ ok: true, value: { settings: { name: '${KEPT}' } } });
    expect(faults('name: ${MISSING}\n')).toEqual(['earshot.yaml:1:1 name: the environment variable MISSING is not set']);
    expect(faults('token: ${MISSING}\n')).toEqual(['earshot.yaml:1:1 token: the environment variable MISSING is not set']);
    expect(faults("token: ''\n")).toEqual(['earshot.yaml:1:1 token: must not be empty']);
  });

  it('takes a secret from a file, and never prints it', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'earshot-')), 'token');
    writeFileSync(path, 'xoxb-1\n');
    const loaded = load(`token: file:${path}\n`);
    if (!loaded.ok) throw new Error('expected a configuration');
    const { token } = loaded.value.settings;
    expect(token?.reveal()).toBe('xoxb-1');
    expect(`${token} ${JSON.stringify(loaded.value.settings)} ${inspect(token)}`).not.toContain('xoxb-1');
    expect(faults('token: file:/nowhere/token\n')).toEqual(['earshot.yaml:1:1 token: cannot read the secret file /nowhere/token (ENOENT)']);
  });
});
