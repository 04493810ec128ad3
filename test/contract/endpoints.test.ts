import { describe, expect, it } from 'vitest';
import { ENDPOINTS } from '../../src/api/contract/all.ts';
import { setUpApi } from '../support/api.ts';
import { deafFront } from '../support/click-doors.ts';
import { mountedRoutes } from '../support/mounted-routes.ts';

const listed = Object.values(ENDPOINTS).map(({ endpoint }) => `${endpoint.method} ${endpoint.path}`);

describe('the list of endpoints', () => {
  it('has every route that is mounted, and no other', async () => {
    const apps = [setUpApi().app, deafFront()];
    const mounted = (await Promise.all(apps.map(mountedRoutes))).flat();
    await Promise.all(apps.map((app) => app.close()));
    expect(mounted.filter((route) => !listed.includes(route))).toEqual([]);
    expect(listed.filter((route) => !mounted.includes(route))).toEqual([]);
  });

  it('has none twice', () => {
    expect(new Set(listed).size).toBe(listed.length);
  });

  it.each(Object.entries(ENDPOINTS))('%s says what it does, in a sentence', (_, { summary }) => {
    expect(summary).toMatch(/^[A-Z].*[^.]\.$/);
  });
});
