import { Anchor, Stack, Text } from '@mantine/core';
import { VolumeX } from 'lucide-react';
import { Link } from 'react-router';
import type { Overview } from '../../../src/api/contract/overview.ts';
import { durationText } from '../../../src/model/duration-text.ts';
import { linkToEvents } from '../../parts/link-to-events.ts';
import { Empty } from '../../parts/page-state.tsx';
import { TimeText } from '../../parts/time-text.tsx';

type Value = Extract<Overview['quiet'], { ok: true }>['value'];

/** Who spoke before and is silent now, in words. */
export function QuietSources({ quiet: { sources, total, heard, days } }: { readonly quiet: Value }) {
  if (sources.length === 0)
    return (
      <Empty title={heard === 0 ? 'Nobody was heard yet' : 'None'}>
        {heard === 0
          ? 'Connect a source first: the page Sources says how.'
          : `All ${heard} that were heard in the last ${days} days speak as usual, or have spoken too little to say.`}
      </Empty>
    );
  return (
    <Stack gap="sm">
      {sources.map(({ dataset, host, peer, last_seen: lastSeen, silent_secs: silent, longest_pause_secs: longest, q }) => (
        <div key={q}>
          <Anchor component={Link} to={linkToEvents({ q, from: `now-${days}d`, to: 'now' })} fz="sm">
            <VolumeX size={13} aria-hidden style={{ verticalAlign: '-2px', marginRight: 4 }} />
            {host ?? peer ?? 'no host'} · {dataset === '' ? 'no dataset' : dataset}
          </Anchor>
          <Text fz="xs">
            Silent for {durationText(silent)}; before, never longer than {durationText(longest)}.{' '}
            <Text span fz="xs" c="dimmed">
              Last seen <TimeText iso={lastSeen} />
            </Text>
          </Text>
        </div>
      ))}
      <Text fz="xs" c="dimmed">
        {total > sources.length ? `${total - sources.length} more are silent. ` : ''}
        <Anchor component={Link} to="/sources" fz="xs">
          All {heard} that were heard in {days} days
        </Anchor>
      </Text>
    </Stack>
  );
}
