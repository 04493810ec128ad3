import { describe, expect, it } from 'vitest';
import { hitOf, ruleOf } from '../../test/support/detected.ts';
import { err, ok } from '../lib/result.ts';
import { type CompileRouteQuery, createRouter } from './routing.ts';
import { routesSettings } from './settings.ts';

const compile: CompileRouteQuery = (text) =>
  text.startsWith('user.name:') ? ok(({ fields }) => fields['user.name'] === text.slice(10)) : err({ message: 'cannot read this' });

function router(routes: unknown, notifiers: readonly string[] = ['slack', 'mail']) {
  const made = createRouter(routesSettings.parse(routes), notifiers, compile);
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return made.value;
}

describe('routes', () => {
  const hit = hitOf({ seq: 1, level: 'medium', fields: { 'observer.product': 'Segura' } });
  const rule = ruleOf('rule-a');

  it('tell everyone of what is medium or worse, without settings', () => {
    const { targets } = router(undefined);
    expect(targets(hit, rule)).toEqual(['slack', 'mail']);
    expect(targets(hitOf({ seq: 1, level: 'low' }), rule)).toEqual([]);
  });

  it.each([
    [{ rules: ['rule-a'] }, true],
    [{ rules: ['name_of_rule-a'] }, true],
    [{ rules: ['name_*'] }, true],
    [{ rules: ['other_*', 'name_of'] }, false],
    [{ products: ['segura'] }, true],
    [{ products: ['slack'] }, false],
    [{ least_level: 'high' }, false],
    [{ query: 'user.name:alice' }, true],
    [{ query: 'user.name:bob' }, false],
    [{ rules: ['rule-a'], query: 'user.name:bob' }, false],
    [{}, true],
  ])('match %j: %s', (when, expected) => {
    const { targets } = router([{ name: 'r', when, to: ['mail'] }]);
    expect(targets(hit, rule)).toEqual(expected ? ['mail'] : []);
  });

  it('name a notifier once, however many of them match', () => {
    const { targets } = router([{ name: 'a', to: ['mail'] }, { name: 'b' }]);
    expect(targets(hit, rule)).toEqual(['slack', 'mail']);
  });

  it('are refused with the setting at fault, all faults at once', () => {
    const routes = routesSettings.parse([
      { name: 'a', to: ['pager'] },
      { name: 'b', when: { query: '((' } },
    ]);
    expect(createRouter(routes, ['slack'], compile)).toEqual({
      ok: false,
      error: [
        { path: 'routes[0].to[0]', message: 'there is no notifier "pager"; known: slack' },
        { path: 'routes[1].when.query', message: 'cannot read this' },
      ],
    });
  });
});
