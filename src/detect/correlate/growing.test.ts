import { expect, it } from 'vitest';
import type { Finding } from '../../model/found.ts';
import { Growing } from './growing.ts';

const found = (firstTrigger: number, lastTrigger = firstTrigger, value = 1): Finding => ({
  kind: 'correlation',
  ruleId: 'r',
  identity: 'r@1',
  groupKey: '["a"]',
  group: {},
  firstTrigger,
  lastTrigger,
  gapMs: 100,
  late: false,
  value,
});

/** What is committed in a tick, as it is done there. */
function tick(growing: Growing, now: number, ...findings: readonly Finding[]): Finding[] {
  const ripe = growing.ripe(findings, now);
  growing.committed(ripe, now);
  return [...ripe];
}

it('tells what is new at once, and what goes on every few seconds', () => {
  const growing = new Growing();
  expect(tick(growing, 0, found(0))).toEqual([found(0)]);
  expect(tick(growing, 1_000, found(10))).toEqual([]);
  expect(tick(growing, 2_000, found(20, 30, 7))).toEqual([]);
  expect(growing.holds).toBe(true);
  expect(tick(growing, 4_999)).toEqual([]);
  expect(tick(growing, 5_000)).toEqual([found(10, 30, 7)]);
  expect(growing.holds).toBe(false);
});

it('tells another episode at once, with what was held of the one before', () => {
  const growing = new Growing();
  tick(growing, 0, found(0));
  tick(growing, 1_000, found(10));
  expect(tick(growing, 2_000, found(500))).toEqual([found(10), found(500)]);
});

it('tells at once what reaches back before what was told', () => {
  const growing = new Growing();
  tick(growing, 0, found(1_000));
  expect(tick(growing, 1_000, found(850, 1_010))).toEqual([found(850, 1_010)]);
});

it('forgets what it holds, as it is found again', () => {
  const growing = new Growing();
  tick(growing, 0, found(0));
  tick(growing, 1_000, found(10));
  growing.forget();
  expect(growing.holds).toBe(false);
  expect(tick(growing, 1_500, found(10))).toEqual([found(10)]);
});
