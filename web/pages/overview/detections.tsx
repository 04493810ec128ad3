import { useNavigate } from 'react-router';
import type { Overview } from '../../../src/api/contract/overview.ts';
import { LEVELS, type Level } from '../../../src/model/severity.ts';
import { BarTimeChart } from '../../parts/bar-time-chart.tsx';
import { linkToEvents } from '../../parts/link-to-events.ts';
import { Empty } from '../../parts/page-state.tsx';
import { LEVEL_LOOK } from '../../theme/level.ts';

type Value = Extract<Overview['detections'], { ok: true }>['value'];

const isLevel = (text: string): text is Level => LEVELS.some((level) => level === text);
const nameOf = (value: string): string => (isLevel(value) ? LEVEL_LOOK[value].word : value);
const WORST_LAST = [...LEVELS];

/** Detected events over time by level. A bar leads to the events of its time, a level to its events of all the time. */
export function Detections({ detections, from, to }: { readonly detections: Value; readonly from: string; readonly to: string }) {
  const navigate = useNavigate();
  const { total, bars, interval_ms: intervalMs, queries } = detections;
  if (total === 0) return <Empty title="No rule matched an event">Nothing to look at here. Rules that run are on the page Rules.</Empty>;
  return (
    <BarTimeChart
      label="Events that a rule matched over time, by level"
      intervalMs={intervalMs}
      order={WORST_LAST}
      nameOf={nameOf}
      bars={bars.map(({ start, levels }) => ({
        start,
        count: LEVELS.reduce((sum, level) => sum + levels[level], 0),
        values: Object.fromEntries(Object.entries(levels).filter(([, count]) => count > 0)),
      }))}
      onRange={(first, last) =>
        void navigate(linkToEvents({ q: queries.all, by: 'rule.level', from: first < from ? from : first, to: last > to ? to : last }))
      }
      onValue={(value) => void navigate(linkToEvents({ q: isLevel(value) ? queries[value] : queries.all, from, to }))}
    />
  );
}
