import { Button, Group, NativeSelect, Tabs, Text, TextInput } from '@mantine/core';
import { ListFilter, X } from 'lucide-react';
import { type RefObject, useEffect, useState } from 'react';
import type { alertCountsEndpoint } from '../../../src/api/contract/alerts.ts';
import { LEVELS } from '../../../src/model/severity.ts';
import { useSession } from '../../data/session.ts';
import { whole } from '../../parts/number-text.ts';
import { rangeText } from '../../parts/time-words.ts';
import { LEVEL_LOOK } from '../../theme/level.ts';
import { STATE_LOOK } from './alert-words.ts';
import { isFiltered, NOBODY, type QueueView, TABS, type Tab } from './queue-address.ts';

type Counts = ReturnType<typeof alertCountsEndpoint.answer.parse>;
type SetView = (change: Partial<QueueView>) => void;

export function QueueTabs({
  view,
  setView,
  counts,
}: {
  readonly view: QueueView;
  readonly setView: SetView;
  readonly counts: Counts | undefined;
}) {
  const count = (tab: Tab) => (counts === undefined ? '' : ` ${whole(tab === 'all' ? counts.total : counts.states[tab])}`);
  return (
    <Tabs value={view.state} onChange={(state) => state !== null && setView({ state })} mb="xs" className="queue-tabs">
      <Tabs.List>
        {TABS.map((tab) => (
          <Tabs.Tab key={tab} value={tab}>
            {tab === 'all' ? 'All' : STATE_LOOK[tab].word}
            <strong>{count(tab)}</strong>
          </Tabs.Tab>
        ))}
      </Tabs.List>
    </Tabs>
  );
}

const NO_FILTER: Partial<QueueView> = { level: '', rule: '', assignee: '', person: '', about: '', technique: '', from: '', to: '' };

export function QueueFilters({
  view,
  setView,
  filterRef,
}: {
  readonly view: QueueView;
  readonly setView: SetView;
  readonly filterRef: RefObject<HTMLInputElement | null>;
}) {
  const { name: me } = useSession();
  const [opened, setOpened] = useState(false);
  const others = view.assignee !== '' && view.assignee !== NOBODY && view.assignee !== me ? [view.assignee] : [];
  return (
    <Group gap="xs" mb="xs" align="flex-end" className="queue-filters" data-opened={opened}>
      <Typed label="Person, host or address" value={view.about} onChange={(about) => setView({ about })} inputRef={filterRef} />
      <Button
        hiddenFrom="sm"
        variant="default"
        leftSection={<ListFilter size={14} aria-hidden />}
        aria-expanded={opened}
        onClick={() => setOpened(!opened)}
      >
        More filters
      </Button>
      <NativeSelect
        className="queue-more"
        size="xs"
        label="Level"
        value={view.level}
        onChange={(event) => setView({ level: event.currentTarget.value })}
        data={[{ value: '', label: 'Any' }, ...LEVELS.toReversed().map((level) => ({ value: level, label: LEVEL_LOOK[level].word }))]}
      />
      <NativeSelect
        className="queue-more"
        size="xs"
        label="Whose"
        value={view.assignee}
        onChange={(event) => setView({ assignee: event.currentTarget.value })}
        data={[
          { value: '', label: 'Anybody’s' },
          { value: me, label: 'Mine' },
          { value: NOBODY, label: 'Nobody’s' },
          ...others.map((name) => ({ value: name, label: name })),
        ]}
      />
      <Typed className="queue-more" label="Rule" value={view.rule} onChange={(rule) => setView({ rule })} />
      <Typed
        className="queue-more"
        label="ATT&CK"
        value={view.technique}
        onChange={(technique) => setView({ technique })}
        placeholder="T1078"
      />
      <NativeSelect
        className="queue-more"
        size="xs"
        label="Order"
        value={view.sort}
        onChange={(event) => setView({ sort: event.currentTarget.value === 'level' ? 'level' : 'newest' })}
        data={[
          { value: 'newest', label: 'Newest first' },
          { value: 'level', label: 'Worst first' },
        ]}
      />
      {view.person !== '' && (
        <Text fz="sm" pb={6} style={{ overflowWrap: 'anywhere' }}>
          Naming <strong>{view.person}</strong>
        </Text>
      )}
      {(view.from !== '' || view.to !== '') && (
        <Text fz="sm" pb={6}>
          With an event in {rangeText({ from: view.from || 'the past', to: view.to || 'now' })}
        </Text>
      )}
      {isFiltered(view) && (
        <Button variant="subtle" color="gray" leftSection={<X size={14} aria-hidden />} onClick={() => setView(NO_FILTER)}>
          No filter
        </Button>
      )}
    </Group>
  );
}

/** How long after the last key the filter counts. */
const SETTLED_MS = 350;

/** A filter that is typed: it counts when the typing has stopped. */
function Typed({
  label,
  value,
  onChange,
  inputRef,
  placeholder,
  className = '',
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly inputRef?: RefObject<HTMLInputElement | null>;
  readonly placeholder?: string;
  readonly className?: string;
}) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  return (
    <TextInput
      ref={inputRef}
      label={label}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      className={`queue-typed ${className}`}
      {...(placeholder !== undefined && { placeholder })}
    />
  );
}
