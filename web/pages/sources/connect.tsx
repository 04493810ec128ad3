import { Group, SimpleGrid, Text } from '@mantine/core';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Empty } from '../../parts/page-state.tsx';
import type { Door } from './doors.tsx';
import { placeOf, snippetsOf } from './snippets.ts';

/** What to write into a sender's configuration, with this hub's own places. */
export function Connect({ doors }: { readonly doors: readonly Door[] }) {
  const places = doors.flatMap(({ listening }) => listening.flatMap((address) => placeOf(address) ?? []));
  const snippets = snippetsOf(places, window.location.hostname);
  if (snippets.length === 0) return <Empty title="Nothing listens">Configure a source of the type syslog or http first.</Empty>;
  const local = places.some(({ host }) => host === 'localhost' || host === '[::1]' || host.startsWith('127.'));
  return (
    <>
      {local && (
        <Text mb="sm" fz="sm">
          Some of these places can be reached from this machine only. Set their listen address in the configuration to let others in.
        </Text>
      )}
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
        {snippets.map(({ title, text }) => (
          <div key={text}>
            <Group gap="xs" mb={4} justify="space-between" wrap="nowrap">
              <Text fz="sm" fw={600}>
                {title}
              </Text>
              <CopyButton text={text} label={`Copy: ${title}`} />
            </Group>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: WCAG 2.1.1, a region that scrolls */}
            <pre className="snippet" tabIndex={0}>
              {text}
            </pre>
          </div>
        ))}
      </SimpleGrid>
    </>
  );
}
