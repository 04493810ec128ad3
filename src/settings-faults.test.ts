import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { settingsSchema } from './settings.ts';
import { settingsFaults } from './settings-faults.ts';

const folder = mkdtempSync(join(tmpdir(), 'earshot-faults-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const faults = (document: unknown) => settingsFaults(settingsSchema.parse(document)).map(({ path, message }) => `${path}: ${message}`);
const on = (listen: string) => ({ type: 'syslog', udp: false, relp: false, tcp: { listen } });
const loopback = { allow: ['127.0.0.0/8'] };

describe('settingsFaults', () => {
  it('has nothing to say of the defaults', () => {
    expect(faults({})).toEqual([]);
  });

  it.each([
    ['127.0.0.1:5514', '127.0.0.1:5514', 'udp', 1],
    ['127.0.0.1:5514', 'localhost:5514', 'tcp', 1],
    ['0.0.0.0:5514', '127.0.0.1:5514', 'tcp', 1],
    ['[::]:5514', '127.0.0.1:5514', 'tcp', 1],
    ['127.0.0.1:5514', '127.0.0.2:5514', 'tcp', 0],
    ['127.0.0.1:0', '127.0.0.1:0', 'tcp', 0],
    ['127.0.0.1:8484', '127.0.0.1:5514', 'tcp', 1],
  ])('%s and %s over %s: %i clashes', (a, b, layer, clashes) => {
    const sources: Record<string, Record<string, unknown>> = { a: { ...on(a), ...loopback }, b: { ...on(b), ...loopback } };
    if (layer === 'udp') sources.b = { ...sources.b, tcp: false, udp: { listen: b } };
    const found = faults({ sources });
    expect(found).toHaveLength(layer === 'udp' ? 0 : clashes);
    if (layer === 'tcp' && clashes > 0) expect(found[0]).toMatch(/listens on tcp port \d+ already$/);
  });

  it('names certificates that are not there or do not fit, folders that are none, routes to nobody, and queries with a slip', () => {
    const file = join(folder, 'empty.pem');
    writeFileSync(file, '');
    const tls = { certificate_file: file, key_file: join(folder, 'nokey.pem') };
    expect(
      faults({
        sources: {
          a: { ...on('127.0.0.1:1'), tls },
          b: { ...on('127.0.0.1:2'), relp: { tls: { certificate_file: file, key_file: file } } },
        },
        rules: { folders: [folder, file, '/no/such/folder'] },
        routes: [{ name: 'x', to: ['nobody'], when: { query: 'user.name:(' } }],
      }),
    ).toEqual([
      'routes[0].to[0]: there is no notifier "nobody"; none is configured',
      expect.stringMatching(/^routes\[0\]\.when\.query: .*at character/),
      `rules.folders[1]: ${file} is not a folder`,
      'rules.folders[2]: there is no folder /no/such/folder',
      expect.stringMatching(/^sources\.a\.tls\.key_file: cannot read .*nokey\.pem \(ENOENT\)$/),
      expect.stringMatching(/^sources\.b\.relp\.tls: certificate, key and authorities do not work together/),
    ]);
  });

  it('names those who listen where nobody can be told, and words that cannot be listened for', () => {
    const hook = { type: 'slack_webhook', url: 'https://hooks.slack.com/services/T0/B0/made-up' };
    const bot = { type: 'slack_bot', token: 'xoxb-made-up', channel: 'C0123456789' };
    const to = (name: string, i: number) => ({ name: `a${i}`, words: ['prod-db'], to: name });
    expect(faults({ notifiers: { hook, bot }, listening: ['bot', 'hook', 'nobody', 'constructor'].map(to) })).toEqual([
      'listening[1].to: hook is of type slack_webhook: only slack_bot can tell one place alone',
      'listening[2].to: there is no notifier "nobody"',
      'listening[3].to: there is no notifier "constructor"',
    ]);
    const parsed = (listening: unknown) =>
      settingsSchema.safeParse({ listening }).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    expect(parsed([{ name: 'a', words: ['--', 'ok then'], to: 'bot' }])).toEqual([
      'listening.0.words.0: cannot be listened for: there is no letter and no digit in it',
    ]);
    expect(parsed([to('bot', 1), to('bot', 1)])).toEqual(['listening.1.name: there are two of the name a1']);
    const quiet = { from: '25:00', to: '07:00', time_zone: 'Nowhere/At_all' };
    expect(parsed([{ ...to('bot', 1), quiet_hours: quiet }])).toEqual([
      'listening.0.quiet_hours.from: write a time of day, such as 22:00',
      'listening.0.quiet_hours.time_zone: not a time zone: write Europe/Lisbon or UTC',
    ]);
  });

  it('names digests that nobody could be told', () => {
    const hook = { type: 'slack_webhook', url: 'https://hooks.slack.com/services/T0/B0/made-up' };
    const letters = { type: 'mail', host: 'mail.example.com', from: 'a@example.com', to: ['b@example.com'] };
    const to = (name: string, i: number) => ({ name: `d${i}`, to: name });
    const [channel, bot] = ['C0123456789', { type: 'slack_bot', token: 'xoxb-made-up', channel: 'C0123456780' }];
    const digests = [
      ...['bot', 'hook', 'letters', 'nobody'].map(to),
      { name: 'x', to: 'bot', channel },
      { name: 'y', to: 'hook', channel },
    ];
    expect(faults({ notifiers: { hook, bot, letters }, digests })).toEqual([
      'digests[2].to: letters is of type mail, which tells alerts alone',
      'digests[3].to: there is no notifier "nobody"',
      'digests[5].channel: hook is of type slack_webhook, which has but one channel: leave it out',
    ]);
    const parsed = (given: unknown) =>
      settingsSchema.safeParse({ digests: given }).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    expect(parsed([{ ...to('bot', 1), at: '9', time_zone: 'Nowhere/At_all' }])).toEqual([
      'digests.0.at: write a time of day, such as 09:00',
      'digests.0.time_zone: not a time zone: write Europe/Lisbon or UTC',
    ]);
    expect(parsed([to('bot', 1), to('bot', 1)])).toEqual(['digests.1.name: there are two of the name d1']);
  });

  it('names what people could not be asked by', () => {
    const hook = { type: 'slack_webhook', url: 'https://hooks.slack.com/services/T0/B0/made-up' };
    const mail = { type: 'mail', host: 'mail.example.com', from: 'earshot@example.com', to: ['soc@example.com'] };
    const found = (by: string, url?: string) =>
      faults({ notifiers: { hook, mail }, asking: { by }, ...(url !== undefined && { api: { public_url: url } }) });
    const https = 'https://earshot.example.com';
    expect(found('mail', https)).toEqual([]);
    expect(found('mail', 'http://127.0.0.1:8484')).toEqual([]);
    expect([found('hook', https), found('constructor', https), found('mail'), found('mail', 'http://earshot.example.com')].flat()).toEqual([
      'asking.by: hook is of type slack_webhook: people are asked by mail',
      'asking.by: there is no notifier "constructor"',
      'asking.by: set api.public_url: the links in the mail lead there',
      'asking.by: api.public_url (http://earshot.example.com) must be https: answers would cross the network in the clear',
    ]);
  });
});
