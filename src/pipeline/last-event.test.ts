import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { LastEvent } from './last-event.ts';

function place(): string {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-last-event-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'last-event');
}

/** A life that ends while it judges the last of these events; what it was answered. */
function life(path: string, ...seqs: number[]): number[] {
  const last = LastEvent.open(path);
  onTestFinished(() => last.close());
  return seqs.map((seq) => last.enter(seq));
}

it('counts the lives in a row that ended at an event', () => {
  const path = place();
  expect(life(path, 7, 8)).toEqual([0, 0]);
  expect(life(path, 7, 8)).toEqual([0, 1]);
  expect(life(path, 7, 8, 9)).toEqual([0, 2, 0]);
  expect(life(path, 8, 9)).toEqual([0, 1]);
});

it('blames no event for an end after all were judged', () => {
  const path = place();
  life(path, 7);
  const last = LastEvent.open(path);
  last.enter(7);
  last.leave();
  last.close();
  expect(life(path, 7)).toEqual([0]);
});

it('keeps what it knows while nothing is judged, and reads anything', () => {
  const path = place();
  life(path, 123_456_789_012);
  life(path);
  expect(life(path, 123_456_789_012)).toEqual([1]);
  writeFileSync(path, 'nonsense');
  expect(life(path, 7)).toEqual([0]);
  expect(life(join(path, 'nowhere'), 7)).toEqual([0]);
});
