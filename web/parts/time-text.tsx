import { Tooltip } from '@mantine/core';

const local = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });
const STEPS: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

/** How long ago, in one unit: `3 min. ago`. */
export function ago(milliseconds: number, now = Date.now()): string {
  const seconds = (milliseconds - now) / 1000;
  const [unit, size] = STEPS.find(([, each]) => Math.abs(seconds) >= each) ?? (['second', 1] as const);
  return relative.format(Math.trunc(seconds / size), unit);
}

/** A time as people read it; the exact one, in their own zone and in UTC, is behind it. */
export function TimeText({ iso, form = 'local' }: { readonly iso: string; readonly form?: 'local' | 'ago' }) {
  const time = new Date(iso);
  return (
    <Tooltip label={`${local.format(time)} · ${iso}`} events={{ hover: true, focus: true, touch: true }}>
      <time dateTime={iso}>{form === 'ago' ? ago(time.getTime()) : local.format(time)}</time>
    </Tooltip>
  );
}
