import { ActionIcon, Button, Divider, Group, Popover, Stack, Text, TextInput, Tooltip, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { CalendarClock, ChevronLeft, ChevronRight, ZoomOut } from 'lucide-react';
import { type FormEvent, useCallback, useMemo, useState } from 'react';
import { useSearchParams } from 'react-router';
import {
  DEFAULT_RANGE,
  isYesterday,
  neighbor,
  PRESETS,
  rangeText,
  type TimeWords,
  timeOf,
  timeToType,
  typedTime,
  wider,
  yesterday,
} from './time-words.ts';

export interface TimeRangeState extends TimeWords {
  /** Goes into the address, as a step of the browser's history. */
  readonly setRange: (range: TimeWords) => void;
}

/** `from` and `to` of the address. Relative words stay relative: give them to the API as they are. */
export function useTimeRange(standard: TimeWords = DEFAULT_RANGE): TimeRangeState {
  const [search, setSearch] = useSearchParams();
  const from = search.get('from') ?? standard.from;
  const to = search.get('to') ?? standard.to;
  const setRange = useCallback(
    (range: TimeWords) =>
      setSearch((before) => {
        const after = new URLSearchParams(before);
        after.set('from', range.from);
        after.set('to', range.to);
        return after;
      }),
    [setSearch],
  );
  return useMemo(() => ({ from, to, setRange }), [from, to, setRange]);
}

/** Chooses the address's stretch of time: a usual one, or from and to; and steps along it. */
export function TimeRange({ standard = DEFAULT_RANGE }: { readonly standard?: TimeWords }) {
  const { from, to, setRange } = useTimeRange(standard);
  const [opened, { close, toggle }] = useDisclosure();
  const choose = (range: TimeWords | undefined) => {
    if (range !== undefined) setRange(range);
    close();
  };
  return (
    <Group gap={2} wrap="nowrap" role="group" aria-label="Time range">
      <Step label="Earlier" icon={ChevronLeft} onClick={() => choose(neighbor({ from, to }, -1, Date.now()))} />
      <Popover opened={opened} onChange={(open) => !open && close()} position="bottom-end" trapFocus returnFocus withinPortal>
        <Popover.Target>
          <Button variant="default" leftSection={<CalendarClock size={14} aria-hidden />} onClick={toggle} aria-expanded={opened}>
            {rangeText({ from, to })}
          </Button>
        </Popover.Target>
        <Popover.Dropdown>
          <Stack gap="sm" w={260}>
            <Group gap={4}>
              {PRESETS.map((preset) => (
                <UnstyledButton
                  key={preset.from}
                  className="choice"
                  aria-pressed={preset.from === from && preset.to === to}
                  onClick={() => choose(preset)}
                >
                  {rangeText(preset)}
                </UnstyledButton>
              ))}
              <UnstyledButton
                className="choice"
                aria-pressed={isYesterday({ from, to }, new Date())}
                onClick={() => choose(yesterday(new Date()))}
              >
                Yesterday
              </UnstyledButton>
            </Group>
            <Divider />
            <Ends key={`${from} ${to}`} from={from} to={to} choose={choose} />
          </Stack>
        </Popover.Dropdown>
      </Popover>
      <Step label="Later" icon={ChevronRight} onClick={() => choose(neighbor({ from, to }, 1, Date.now()))} />
      <Step label="Twice as long" icon={ZoomOut} onClick={() => choose(wider({ from, to }, Date.now()))} />
    </Group>
  );
}

function Step({ label, icon: Icon, onClick }: { readonly label: string; readonly icon: typeof ChevronLeft; readonly onClick: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={onClick}>
        <Icon size={14} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

/** From and to as text: what the search language takes, and what a log line has, can be pasted. */
function Ends({ from, to, choose }: TimeWords & { readonly choose: (range: TimeWords) => void }) {
  const [ends, setEnds] = useState({ from: timeToType(from, 'from'), to: timeToType(to, 'to') });
  const [isRefused, setRefused] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const range = { from: typedTime(ends.from, 'from'), to: typedTime(ends.to, 'to') };
    if (range.from === undefined || range.to === undefined || !isForward(range.from, range.to)) setRefused(true);
    else choose({ from: range.from, to: range.to });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="xs">
        <TextInput label="From" value={ends.from} onChange={({ currentTarget: { value } }) => setEnds({ ...ends, from: value })} />
        <TextInput
          label="To"
          value={ends.to}
          onChange={({ currentTarget: { value } }) => setEnds({ ...ends, to: value })}
          error={isRefused ? 'Not two times, the first before the second.' : undefined}
        />
        <Text fz="xs" c="dimmed">
          In your time zone: 2026-01-31 10:00. With Z it is UTC. Or relative: now-3h, now-1d/d.
        </Text>
        <Button type="submit">Use these times</Button>
      </Stack>
    </form>
  );
}

const isForward = (from: string, to: string, now = Date.now()): boolean => (timeOf(from, now, 'from') ?? 0) < (timeOf(to, now, 'to') ?? 0);
