import { expect, it } from 'vitest';
import { setUpApi } from '../../test/support/api.ts';
import { noTokens } from '../../test/support/no-accounts.ts';

const withDatasets = (datasets?: readonly string[]) =>
  setUpApi({}, {}, { tokens: { ...noTokens, verify: async () => ({ name: 'root', scopes: ['admin'], ...(datasets && { datasets }) }) } })
    .app;

it('shows a preview to administrators of all datasets, and to no other', async () => {
  const ask = (url: string, datasets?: readonly string[]) =>
    withDatasets(datasets).inject({ url, headers: { authorization: 'Bearer ear_x' } });
  expect((await ask('/api/digests/weekly')).json()).toEqual({ name: 'weekly', lines: ['Quiet.'] });
  expect((await ask('/api/digests/daily')).json()).toMatchObject({ code: 'EAR_API_NOT_FOUND' });
  expect((await ask('/api/digests/weekly', ['linux.*'])).json()).toMatchObject({ code: 'EAR_API_SCOPE' });
});
