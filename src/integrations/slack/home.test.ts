import { describe, expect, it } from 'vitest';
import { isValidBlock } from '../../../test/simulators/slack-blocks.ts';
import { TOLD_AT, toldAlert } from '../../../test/support/told-alert.ts';
import type { ToldAlert } from '../../model/alert.ts';
import type { PersonalPage } from '../../notify/notifier.ts';
import { homeView } from './home.ts';

const alert = (id: string, more: Partial<ToldAlert> = {}) => toldAlert({ id, title: `Vault ${id} <!channel>`, ...more });
const page = (more: Partial<PersonalPage>): PersonalPage => ({ alerts: [], total: 0, mayWork: true, at: TOLD_AT, ...more });
const text = (more: Partial<PersonalPage>) => JSON.stringify(homeView(page(more), 'https://earshot.example.com'));

describe('the Home tab', () => {
  it('has each alert with its level in words, a link and its buttons, and nothing of an event works in it', () => {
    const { type, blocks } = homeView(
      page({ alerts: [alert('0a'), alert('0b', { level: 'low' })], total: 2 }),
      'https://earshot.example.com',
    );
    expect(type).toBe('home');
    expect(blocks.every(isValidBlock)).toBe(true);
    const shown = JSON.stringify(blocks);
    expect(shown).toContain('🟠 *HIGH: <https://earshot.example.com/alerts/0a|Vault 0a &lt;!channel&gt;>*');
    expect(shown).toContain('🔵 *LOW: ');
    expect(shown).toContain('"block_id":"earshot:0b:open..."');
    expect(shown).not.toContain('<!channel>');
  });

  it('holds the bound of a hundred blocks, with the exact number of the others', () => {
    const alerts = Array.from({ length: 50 }, (_, i) => alert(`a${i}`));
    const { blocks } = homeView(page({ alerts, total: 1_234, note: 'Done.' }), undefined);
    expect(blocks.length).toBeLessThanOrEqual(100);
    const shown = JSON.stringify(blocks).match(/"block_id"/g)?.length ?? 0;
    expect(shown).toBe(48);
    expect(JSON.stringify(blocks)).toContain(`and ${1_234 - shown} more`);
  });

  it('has no buttons for who may only read, and says so to whom nothing is to be shown', () => {
    expect(text({ alerts: [alert('0a')], total: 1, mayWork: false })).not.toContain('block_id');
    expect(text({})).toContain('None that you may see.');
    const unknown = text({ note: 'Earshot does not know who you are.', mayWork: false });
    expect(unknown).toContain('does not know who you are');
    expect(unknown).not.toContain('None that');
  });
});
