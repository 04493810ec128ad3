import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOON, ruleOf } from '../../test/support/detected.ts';
import '../../test/support/property-seed.ts';
import type { Finding } from '../model/found.ts';
import type { AlertRow } from '../store/state/state.ts';
import { planFindings } from './found-plan.ts';
import { newAlert } from './new-alert.ts';

const GAP = 10;

/** `[first, last]` */
type Times = readonly [number, number];

const alert = (id: string, [first, last]: Times, over: Partial<AlertRow> = {}): AlertRow => ({
  ...newAlert({
    id,
    kind: 'correlation',
    rule: ruleOf('a'),
    group: {},
    episode_key: id,
    first_at: first,
    last_at: last,
    opened_at: NOON,
  }),
  first_trigger: first,
  last_trigger: last,
  ...over,
});

const finding = ([firstTrigger, lastTrigger]: Times, late = true): Finding => ({
  kind: 'correlation',
  ruleId: 'a',
  identity: 'a@2',
  groupKey: '[]',
  group: {},
  firstTrigger,
  lastTrigger,
  gapMs: GAP,
  late,
});

/** `into first-last: joins` of each. */
const shown = ({ merged }: ReturnType<typeof planFindings>) =>
  merged.map(
    ({ finding: { firstTrigger, lastTrigger }, into, joins }) =>
      `${into?.id ?? 'opened'} ${firstTrigger}-${lastTrigger}${joins.map(({ id }) => `, ${id}`).join('')}`,
  );

describe('findings of a changed correlation', () => {
  it.each<[what: string, found: Times[], former: Times[], expected: string[]]>([
    ['take over what covers the same', [[0, 50]], [[0, 50]], ['f0 0-50']],
    ['keep what they do not find of it', [[20, 30]], [[0, 50]], ['f0 0-50']],
    ['are one where one covered them', [[0, 5], [40, 50]], [[0, 50]], ['f0 0-50']], // biome-ignore format: one line a case
    ['go on with it', [[55, 60]], [[0, 50]], ['f0 0-60']],
    ['open what nobody had found', [[70, 80]], [[0, 50]], ['opened 70-80']],
    ['join what they bridge', [[55, 60]], [[0, 50], [65, 70]], ['f0 0-70, f1']], // biome-ignore format: one line a case
    ['leave what they do not find', [[0, 5]], [[0, 5], [40, 50]], ['f0 0-5']], // biome-ignore format: one line a case
  ])('%s', (_, found, former, expected) => {
    const plan = planFindings(
      found.map((times) => finding(times)),
      [],
      [],
      former.map((times, i) => alert(`f${i}`, times)),
    );
    expect(shown(plan)).toEqual(expected);
    expect(plan.withdrawn).toEqual([]);
  });

  it('take over one that nobody has closed, where there are both', () => {
    const former = [alert('closed', [0, 5], { state: 'resolved' }), alert('open', [12, 20])];
    expect(shown(planFindings([finding([4, 14])], [], [], former))).toEqual(['open 0-20, closed']);
  });

  it('say what a former version found, and no largest value, which it measured otherwise', () => {
    const former = [alert('f0', [0, 50], { details: JSON.stringify({ kind: 'correlation', value: 9 }) })];
    const [merged] = planFindings([{ ...finding([40, 60]), value: 3 }], [], [], former).merged;
    expect(merged?.former).toEqual({ first: 0, last: 50 });
    expect(merged?.finding.value).toBeUndefined();
  });

  it('that are looked at anew take nothing away of what a former version found', () => {
    const own = alert('own', [0, 80], { former_first: 0, former_last: 50 });
    const reviewed = [{ identity: 'a@2', groupKey: '[]', from: -100, to: 100 }];
    expect(shown(planFindings([finding([20, 60])], [own], reviewed))).toEqual(['own 0-60']);
    expect(shown(planFindings([finding([0, 5]), finding([40, 45])], [own], reviewed))).toEqual(['own 0-50']);
    expect(planFindings([], [own], reviewed)).toEqual({ merged: [], withdrawn: [] });
  });

  const spans = fc
    .array(fc.tuple(fc.nat(300), fc.nat(30)), { maxLength: 6 })
    .map((drawn) => apart(drawn.map(([first, length]): Times => [first, first + length])));

  it('never open an alert beside one of a former version, keep all it found, and change nothing when they are found again', () => {
    fc.assert(
      fc.property(spans, spans, (before, after) => {
        const former = before.map((times, i) => alert(`f${i}`, times));
        const findings = after.map((times) => finding(times));
        const plan = planFindings(findings, [], [], former);
        const own = plan.merged.map(({ finding: { firstTrigger, lastTrigger }, into, former: kept }, i) =>
          alert(into?.id ?? `new${i}`, [firstTrigger, lastTrigger], {
            former_first: kept?.first ?? null,
            former_last: kept?.last ?? null,
          }),
        );
        const taken = new Set(
          plan.merged.flatMap(({ into, joins }) => [...(into === undefined ? [] : [into.id]), ...joins.map(({ id }) => id)]),
        );
        // Each finding is in one alert, and so is all of each alert that was taken over.
        for (const { firstTrigger, lastTrigger } of findings) expect(own.filter(holds([firstTrigger, lastTrigger]))).toHaveLength(1);
        for (const row of former.filter(({ id }) => taken.has(id))) expect(own.filter(holds(spanOf(row)))).toHaveLength(1);
        // One is opened only where no former alert is near, and one is left only where nothing is found near it.
        for (const row of former) {
          const isNear = findings.some((each) => near(spanOf(row), [each.firstTrigger, each.lastTrigger]));
          if (isNear) expect(taken).toContain(row.id);
          for (const each of own.filter(({ id }) => id.startsWith('new'))) expect(near(spanOf(each), spanOf(row))).toBe(false);
        }
        const again = planFindings(
          findings,
          own,
          [{ identity: 'a@2', groupKey: '[]', from: -1_000, to: 1_000 }],
          former.filter(({ id }) => !taken.has(id)),
        );
        expect(again.withdrawn).toEqual([]);
        expect(shown(again).sort()).toEqual(own.map((row) => `${row.id} ${row.first_trigger}-${row.last_trigger}`).sort());
      }),
    );
  });
});

const spanOf = ({ first_trigger, last_trigger }: AlertRow): Times => [first_trigger ?? 0, last_trigger ?? 0];
const near = ([a, b]: Times, [c, d]: Times): boolean => a <= d + GAP && c <= b + GAP;
const holds =
  ([first, last]: Times) =>
  (row: AlertRow): boolean =>
    spanOf(row)[0] <= first && spanOf(row)[1] >= last;

/** Those of one definition are never nearer than the gap. */
function apart(spans: readonly Times[]): Times[] {
  const kept: Times[] = [];
  for (const each of spans.toSorted((a, b) => a[0] - b[0])) if (!kept.some((other) => near(other, each))) kept.push(each);
  return kept;
}
