import { Button, Table, Text, Tooltip, VisuallyHidden } from '@mantine/core';
import { useState } from 'react';
import { compact, whole } from '../../parts/number-text.ts';
import { Empty } from '../../parts/page-state.tsx';
import './hours.css';

export interface HourCount {
  /** 1 is Monday. */
  readonly weekday: number;
  readonly hour: number;
  readonly count: number;
}

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

/** When somebody is usually active: a table of the week, dark where there is much, in numbers for who wants them. */
export function Hours({ counts, timeZone }: { readonly counts: readonly HourCount[]; readonly timeZone: string }) {
  const [numbers, setNumbers] = useState(false);
  if (counts.length === 0) return <Empty title="Nothing in this time">Choose a longer time range.</Empty>;
  const byHour = new Map(counts.map(({ weekday, hour, count }) => [`${weekday} ${hour}`, count]));
  const most = Math.max(...counts.map(({ count }) => count));
  const busiest = counts.find(({ count }) => count === most);
  return (
    <>
      <Table.ScrollContainer minWidth={560} type="native" tabIndex={0} role="region" aria-label="Table: usual hours">
        <table className="hours" data-numbers={numbers}>
          <caption>
            <VisuallyHidden>Events by weekday and hour, {timeZone}</VisuallyHidden>
          </caption>
          <thead>
            <tr>
              <th scope="col" style={{ width: 74 }}>
                <VisuallyHidden>Weekday</VisuallyHidden>
              </th>
              {HOURS.map((hour) => (
                <th key={hour} scope="col">
                  {hour}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {DAYS.map((day, i) => (
              <tr key={day}>
                <th scope="row">{day}</th>
                {HOURS.map((hour) => (
                  <Hour key={hour} day={day} hour={hour} count={byHour.get(`${i + 1} ${hour}`) ?? 0} most={most} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Table.ScrollContainer>
      <Text fz="xs" c="dimmed" mt={4}>
        {busiest && `Most on ${DAYS[busiest.weekday - 1]} at ${busiest.hour}: ${whole(most)} events. `}Hours of {timeZone}.{' '}
        <Button size="compact-xs" variant="subtle" color="gray" aria-pressed={numbers} onClick={() => setNumbers(!numbers)}>
          In numbers
        </Button>
      </Text>
    </>
  );
}

interface HourProps {
  readonly day: string;
  readonly hour: number;
  readonly count: number;
  readonly most: number;
}

/** Few events must be told from none: the share has a floor. */
function Hour({ day, hour, count, most }: HourProps) {
  const share = count === 0 ? 0 : 0.12 + 0.88 * (count / most);
  return (
    <Tooltip label={`${day} ${hour}:00 to ${hour}:59: ${whole(count)}`} disabled={count === 0}>
      <td style={{ ['--share' as string]: share }}>{count === 0 ? '' : compact(count)}</td>
    </Tooltip>
  );
}
