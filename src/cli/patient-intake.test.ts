import { beforeEach, describe, expect, it } from 'vitest';
import { EarshotError, type ErrorCode } from '../lib/errors.ts';
import type { Receipt } from '../model/record.ts';
import { patientIntake } from './patient-intake.ts';

const RECEIPT: Receipt = { firstSeq: 1, count: 1, duplicate: false };
const BATCH = { source: 'import', origin: { transport: 'file', path: '/a.log' }, receivedAt: 0, messages: [Buffer.from('a')] } as const;

const SECOND = 1_000;

let clock: number;
/** What the hub answers at a time. */
let answerAt: (seconds: number) => ErrorCode | 'taken';
let asked: number;
let told: string[];

beforeEach(() => {
  [clock, asked, told] = [0, 0, []];
});

const hub = {
  // What a hub answers is the caller's to name; here it is a receipt.
  ask: async <T>() => {
    asked++;
    const answer = answerAt(clock / SECOND);
    if (answer === 'taken') return RECEIPT as T;
    throw new EarshotError(answer, 'free 7 bytes more');
  },
};

const intake = ({ roomWithinSecs = 10, stopAt = 7_200 * SECOND } = {}) =>
  patientIntake({
    hub,
    roomWithinSecs,
    tell: (line) => told.push(line),
    now: () => clock,
    sleep: async (ms) => {
      clock += ms;
      if (clock >= stopAt) throw new Error('stopped');
    },
  });

describe('patientIntake', () => {
  it('asks again until the disk has room, and says once for how long and what to do', async () => {
    answerAt = (seconds) => (seconds < 6 ? 'EAR_DISK_LOW' : 'taken');
    expect(await intake().append(BATCH)).toEqual(RECEIPT);
    expect({ asked, told }).toEqual({ asked: 7, told: ['waiting up to 10 s: free 7 bytes more'] });
  });

  it('gives up when no room came back, and then asks once for each file more', async () => {
    answerAt = () => 'EAR_DISK_LOW';
    const to = intake();
    await expect(to.append(BATCH)).rejects.toMatchObject({
      code: 'EAR_DISK_LOW',
      message: 'free 7 bytes more; then the same command goes on from here',
    });
    expect(clock).toBe(10 * SECOND);
    asked = 0;
    await expect(to.append(BATCH)).rejects.toMatchObject({ code: 'EAR_DISK_LOW' });
    expect({ asked, told: told.length }).toEqual({ asked: 1, told: 1 });
    answerAt = () => 'taken';
    expect(await to.append(BATCH)).toEqual(RECEIPT);
  });

  it('has its whole patience again after something was taken', async () => {
    const to = intake();
    for (let i = 0; i < 3; i++) {
      const room = clock / SECOND + 9;
      answerAt = (seconds) => (seconds < room ? 'EAR_DISK_LOW' : 'taken');
      expect(await to.append(BATCH)).toEqual(RECEIPT);
    }
    expect(told).toHaveLength(3);
  });

  it('does not wait, and says nothing of it, when it may not', async () => {
    answerAt = () => 'EAR_DISK_LOW';
    await expect(intake({ roomWithinSecs: 0 }).append(BATCH)).rejects.toMatchObject({ code: 'EAR_DISK_LOW' });
    expect({ clock, asked, told }).toEqual({ clock: 0, asked: 1, told: [] });
  });

  it.each(['EAR_RAW_LOG_FULL', 'EAR_RAW_LOG_IO'] as const)('waits through %s for as long as it takes', async (code) => {
    // The time before does not count when it is the disk afterwards.
    answerAt = (seconds) => (seconds < 3600 ? code : seconds < 3609 ? 'EAR_DISK_LOW' : 'taken');
    expect(await intake().append(BATCH)).toEqual(RECEIPT);
    expect(told).toEqual(['waiting: free 7 bytes more', 'waiting up to 10 s: free 7 bytes more']);
  });

  it('stops waiting when it is told', async () => {
    answerAt = () => 'EAR_DISK_LOW';
    await expect(intake({ stopAt: 2 * SECOND }).append(BATCH)).rejects.toThrow('stopped');
  });

  it('throws what waiting would not help', async () => {
    answerAt = () => 'EAR_API_INPUT';
    await expect(intake().append(BATCH)).rejects.toMatchObject({ code: 'EAR_API_INPUT' });
  });
});
