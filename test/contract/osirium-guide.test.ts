import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { settingsSchema } from '../../src/settings.ts';

const guide = readFileSync(new URL('../../docs/guides/osirium-to-slack.md', import.meta.url), 'utf8');
const [settings = '', rule = ''] = [...guide.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml]) => yaml ?? '');

it('shows settings that are taken, and has no secret in them', () => {
  // The files of secrets are not on this machine.
  const filled = settings.replaceAll(/file:\/run\/secrets\/\S+/g, 'https://slack.example.com/services/made-up');
  expect(settingsSchema.safeParse(parse(filled)).error).toBeUndefined();
  expect(guide).not.toMatch(/hooks\.slack\.com|xox[a-z]-/);
});

it('shows a rule on what Osirium’s mapping says', () => {
  expect(parse(rule)).toMatchObject({ logsource: { product: 'osirium' }, detection: { selection: { 'event.action': 'session_started' } } });
});
