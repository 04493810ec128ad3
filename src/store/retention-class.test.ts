import { describe, expect, it } from 'vitest';
import type { Event } from '../model/event.ts';
import { toLive } from '../model/live-event.ts';
import { filingDay, retentionClasses } from './retention-class.ts';
import { RetentionSettings, StoreSettings } from './settings.ts';

const event = (dataset?: string): Event => ({
  node: 1,
  seq: 1,
  receivedAt: 0,
  timestamp: 0,
  source: 's',
  raw: Buffer.alloc(0),
  hits: [],
  fields: dataset === undefined ? {} : { 'event.dataset': dataset },
});
const DAY = 86_400_000;

describe('retentionClasses', () => {
  const of = retentionClasses(
    RetentionSettings.parse({
      default_days: 30,
      classes: [
        { name: 'long', datasets: ['pam.*', 'iam.audit'], days: 2555 },
        { name: 'short', datasets: ['pam.debug.*', 'edge.http'], days: 7 },
      ],
    }),
  );

  it.each([
    ['pam.session', 'long', 2555],
    ['iam.audit', 'long', 2555],
    ['pam.debug.trace', 'short', 7],
    ['edge.http', 'short', 7],
    ['edge.https', 'default', 30],
    [undefined, 'default', 30],
  ])('%s is of the class %s', (dataset, name, days) => {
    expect(of(toLive(event(dataset)))).toEqual({ name, days });
  });
});

describe('filingDay', () => {
  const received = 20_000 * DAY + 5;
  it.each([
    ['its own day', 19_950 * DAY, 19_950],
    ['the day it was received', received, 20_000],
    ['tomorrow, at most', received + 400 * DAY, 20_001],
    ['the end of retention, at least', 0, 19_910],
  ])('is %s', (_, timestamp, day) => {
    expect(filingDay(timestamp, received, 90)).toBe(day);
  });

  it('is never before 1970', () => {
    expect(filingDay(0, 5 * DAY, 90)).toBe(0);
  });
});

describe('store settings', () => {
  it('have a default each', () => {
    expect(StoreSettings.parse({})).toMatchObject({ retention: { default_days: 90, classes: [] }, engine: { insert_timeout_secs: 60 } });
  });

  it.each([
    [{ retention: { classes: [{ name: 'default', datasets: ['a'], days: 1 }] } }, /default_days/],
    [
      {
        retention: {
          classes: [
            { name: 'a', datasets: ['x'], days: 1 },
            { name: 'a', datasets: ['y'], days: 1 },
          ],
        },
      },
      /two classes/,
    ],
    [
      {
        retention: {
          classes: [
            { name: 'a', datasets: ['x'], days: 1 },
            { name: 'b', datasets: ['x'], days: 1 },
          ],
        },
      },
      /in the class a already/,
    ],
    [{ retention: { classes: [{ name: "x'); drop", datasets: ['x'], days: 1 }] } }, /snake_case/],
    [{ disk: { warn_free_bytes: 1, min_free_bytes: 2 } }, /warning has to come first/],
    [{ engine: { memory: 1 } }, /memory/],
  ])('refuse %j', (settings, message) => {
    expect(StoreSettings.safeParse(settings).error?.message).toMatch(message);
  });
});
