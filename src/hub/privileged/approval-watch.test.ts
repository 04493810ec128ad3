import { describe, expect, it } from 'vitest';
import { seguraSessionEvents } from '../../integrations/segura/session-events.ts';
import type { RawBatch } from '../../model/record.ts';
import { privilegedSessionsSettings } from '../../privileged/settings.ts';
import type { EventEngine } from '../../store/store.ts';
import { silent } from '../../telemetry/telemetry.ts';
import { ApprovalWatch } from './approval-watch.ts';
import { NeverEndedWatch } from './never-ended-watch.ts';

const TEN = Date.UTC(2026, 0, 2, 10);
const MINUTE = 60_000;
const FIELDS = ['user.name', 'destination.user.name', 'destination.ip', 'destination.domain'];
const ABOUT = {
  'user.name': 'ana',
  'destination.user.name': 'root',
  'destination.ip': '192.0.2.10',
  'destination.domain': 'db01.example.com',
};

/** As the engine gives events: those of sessions, and an approval from ten to eleven. */
const row = (seq: number, minutes: number, action: string) => ({
  ...{ kind: '0', node: 1, seq: `${seq}`, at: `${TEN + minutes * MINUTE}`, dataset: 'segura.pam', action, guessed: 0 },
  texts: FIELDS.map((field) => ABOUT[field as keyof typeof ABOUT]),
});
const approval = (action: string) => ({
  ...row(1, 0, action),
  kind: '1',
  // In the order of `requestFields`: the common ones, full name, number, requester, approver, window, wish.
  texts: [...row(1, 0, '').texts, 'Ana', 'S1', 'Ana', 'Max', '2026-01-02 10:00:00', '2026-01-02 11:00:00', 'Start session'],
});
const REQUEST = [approval('access_requested'), { ...approval('request_approved'), seq: '2' }];

function watch(rows: readonly unknown[], minutes: number, Watch: typeof ApprovalWatch | typeof NeverEndedWatch = ApprovalWatch) {
  const clock = { now: TEN + minutes * MINUTE };
  const disk = { full: false };
  const batches: RawBatch[] = [];
  const lanes: unknown[] = [];
  const engine = {
    up: true,
    query: async (statement: { text: string }, { lane }: { lane?: string }) => {
      lanes.push(lane);
      return /\bAS kind\b/.test(statement.text) ? rows : [];
    },
  } as unknown as EventEngine;
  const intake = {
    open: true,
    append: async (batch: RawBatch) => {
      if (disk.full) throw new Error('the disk is full');
      batches.push(batch);
      return { firstSeq: 1, count: 1, duplicate: false };
    },
  };
  const settings = () => privilegedSessionsSettings.parse({});
  const watching = new Watch({
    engine,
    products: [seguraSessionEvents],
    settings,
    intake,
    telemetry: silent,
    now: () => clock.now,
  });
  return { watching, batches, clock, lanes, disk };
}

const told = (batches: readonly RawBatch[]) => batches.map(({ key, messages }) => [key, JSON.parse(String(messages[0])).message as string]);

describe('sessions beyond what was approved', () => {
  it('are told once, when the time is over and has settled', async () => {
    const { watching, batches, clock, lanes } = watch([...REQUEST, row(7, 5, 'session_started')], 60);
    await watching.look();
    expect(batches).toEqual([]);
    clock.now = TEN + 62 * MINUTE;
    await watching.look();
    await watching.look();
    const message = 'The session of ana on db01.example.com as root went on beyond what was approved (until 2026-01-02T11:00:00Z)';
    expect(told(batches)).toEqual([['privileged-session:1-7:outran_window', message]]);
    expect(batches[0]?.source).toBe('earshot');
    expect(JSON.parse(String(batches[0]?.messages[0]))).toMatchObject({ user: { name: 'ana' } });
    expect(lanes[0]).toBe('background');
  });

  it('are told when they began outside of it', async () => {
    const { watching, batches } = watch([...REQUEST, row(7, 65, 'session_started'), row(8, 66, 'session_ended')], 70);
    await watching.look();
    expect(told(batches).map(([, message]) => message)).toEqual([expect.stringContaining('began outside of what was approved')]);
  });

  it('are told with the time that they are told against, and not with any other that was approved', async () => {
    const texts = (seq: number, from: string, until: string) => ({
      ...approval('request_approved'),
      seq: `${seq}`,
      texts: [...row(1, 0, '').texts, 'Max', `S${seq}`, 'Ana', 'Max', from, until, 'Start session'],
    });
    const tomorrow = texts(3, '2026-01-03 10:00:00', '2026-01-03 11:00:00');
    const forged = { ...texts(4, '2026-01-02 10:00:00', '2099-01-01 00:00:00'), guessed: 1 };
    const beyond = watch([...REQUEST, tomorrow, forged, row(7, 5, 'session_started')], 70);
    await beyond.watching.look();
    expect(told(beyond.batches).map(([, message]) => message)).toEqual([expect.stringMatching(/\(until 2026-01-02T11:00:00Z\)$/)]);
    const outside = watch([...REQUEST, tomorrow, forged, row(7, 65, 'session_started')], 70);
    await outside.watching.look();
    expect(told(outside.batches).map(([, message]) => message)).toEqual([
      expect.stringMatching(/\(from 2026-01-02T10:00:00Z to 2026-01-02T11:00:00Z\)$/),
    ]);
  });

  it('are told when they can be kept', async () => {
    const { watching, batches, disk } = watch([...REQUEST, row(7, 5, 'session_started')], 70);
    disk.full = true;
    await expect(watching.look()).rejects.toThrow('disk');
    disk.full = false;
    await watching.look();
    expect(told(batches)).toHaveLength(1);
  });

  it('are all told, however many there are', async () => {
    const many = Array.from({ length: 450 }, (_, i) => ({
      ...row(1_000 + i, 5, 'session_started'),
      texts: ['ana', 'root', '192.0.2.10', `db${i}.example.com`],
      at: `${TEN + 5 * MINUTE + i * 1_000}`,
    }));
    const { watching, batches } = watch([...REQUEST, ...many], 70);
    await watching.look();
    expect(new Set(told(batches).map(([key]) => key)).size).toBe(450);
  });

  it('are looks at passwords too, each once, and what was approved for a session is for none', async () => {
    const forView = (each: ReturnType<typeof approval>) => ({ ...each, texts: [...each.texts.slice(0, -1), 'View password'] });
    const looks = [row(7, 5, 'password_viewed'), row(8, 66, 'password_viewed')];
    const { watching, batches } = watch([...REQUEST.map(forView), ...looks], 70);
    await watching.look();
    await watching.look();
    const words = 'outside of what was approved (from 2026-01-02T10:00:00Z to 2026-01-02T11:00:00Z)';
    expect(told(batches)).toEqual([['password-view:1-8', `ana looked at the password of root on db01.example.com ${words}`]]);
    const session = watch([...REQUEST, ...looks], 70);
    await session.watching.look();
    expect(session.batches).toEqual([]);
  });

  it('are none where they ended in time, or where nothing was approved', async () => {
    const inTime = watch([...REQUEST, row(7, 5, 'session_started'), row(8, 59, 'session_ended')], 200);
    await inTime.watching.look();
    const unasked = watch([row(7, 5, 'session_started')], 200);
    await unasked.watching.look();
    expect([...inTime.batches, ...unasked.batches]).toEqual([]);
  });
});

describe('sessions that never ended', () => {
  const HOUR = 60;
  it('are told when their time is over, whatever other session of theirs has ended since', async () => {
    const later = [row(8, 23 * HOUR, 'session_started'), row(9, 23 * HOUR + 5, 'session_ended')];
    const { watching, batches, clock } = watch([row(7, 0, 'session_started'), ...later], 24 * HOUR, NeverEndedWatch);
    await watching.look();
    expect(batches).toEqual([]);
    clock.now += 3 * MINUTE;
    await watching.look();
    const message = 'No end was heard of the session of ana on db01.example.com as root that began at 2026-01-02T10:00:00Z, in 24 hours';
    expect(told(batches)).toEqual([['privileged-session:1-7:never_ended', message]]);
    expect(JSON.parse(String(batches[0]?.messages[0]))).toMatchObject({
      user: { name: 'ana' },
      earshot: { audit: { session_id: '1-7', product: 'segura', account: 'root', machine: 'db01.example.com' } },
    });
  });

  it('are none that ended in time', async () => {
    const ended = [row(7, 0, 'session_started'), row(8, 24 * HOUR, 'session_ended')];
    const { watching, batches } = watch(ended, 26 * HOUR, NeverEndedWatch);
    await watching.look();
    expect(batches).toEqual([]);
  });
});
