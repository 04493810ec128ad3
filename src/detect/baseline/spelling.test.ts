import { expect, it } from 'vitest';
import { newsText } from './spelling.ts';

const country = 'source.geo.country_iso_code';
const agent = 'user_agent.original';

it('says what is new as its first event spells it', () => {
  const events = [{ fields: { [country]: 'FI' } }, { fields: { [country]: 'fi' } }, { fields: { [country]: 'Br' } }];
  expect(newsText(['br', 'fi'], [country], events)).toBe('Br; FI');
});

it('says a combination as a whole, whatever marks are in it', () => {
  const events = [{ fields: { [country]: 'FI', [agent]: 'Mozilla/5.0 (X11; Linux), like Gecko' } }];
  expect(newsText(['fi, mozilla/5.0 (x11; linux), like gecko'], [country, agent], events)).toBe('FI, Mozilla/5.0 (X11; Linux), like Gecko');
});

it('leaves what no event says as it is compared', () => {
  expect(newsText(['br'], [country], [{ fields: {} }])).toBe('br');
});
