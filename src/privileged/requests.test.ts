import { describe, expect, it } from 'vitest';
import { type Zone, zoneOf } from '../formats/time-zone.ts';
import { osiriumSessionEvents } from '../integrations/osirium/session-events.ts';
import { seguraSessionEvents } from '../integrations/segura/session-events.ts';
import { atOnce } from '../lib/steps.ts';
import type { AccessPurpose } from '../model/privileged-session.ts';
import { viewOf } from './password-view.ts';
import { approvalOf, byAsker, requestsFor, requestsIn } from './requests.ts';
import type { SessionEvent } from './session-event.ts';

const HOUR = 3_600_000;
const TEN = Date.UTC(2026, 0, 2, 10);
const UTC = () => 0;
const WINDOW = { 'segura.request.valid_from': '2026-01-02 10:00:00', 'segura.request.valid_until': '2026-01-02 11:00:00' };
const ABOUT = {
  'destination.user.name': 'root',
  'destination.ip': '192.0.2.10',
  'segura.request.id': '296',
  'segura.request.requester': 'Ana Example',
  'segura.request.approver': 'Max Example',
  'segura.request.action': 'Start session',
  ...WINDOW,
};
const ANA = { person: 'ana', account: 'root', address: '192.0.2.10' };

let seq = 0;
function event(action: string, texts: Readonly<Record<string, string>> = {}, more: Partial<SessionEvent> = {}): SessionEvent {
  seq += 1;
  const who = action === 'access_requested' ? 'ana' : 'max';
  const fullName = who === 'ana' ? 'Ana Example' : 'Max Example';
  const all = { ...ABOUT, 'user.name': who, 'user.full_name': fullName, ...texts };
  return { node: 1, seq, at: TEN - HOUR + seq, dataset: 'segura.pam', action, guessed: false, texts: all, ...more };
}
const asked = (texts = {}, more = {}) => event('access_requested', texts, more);
const approved = (texts = {}, more = {}) => event('request_approved', texts, more);

const requestsOf = (events: readonly SessionEvent[], zone: Zone = UTC, purpose: AccessPurpose = 'session') =>
  atOnce(requestsIn(seguraSessionEvents, events, zone, purpose));

/** What is said of a session of so many minutes after ten. */
function verdict(events: readonly SessionEvent[], from: number, to: number, wanted = ANA): string {
  const span = { from: TEN + from * 60_000, to: TEN + to * 60_000 };
  const requests = requestsFor(wanted, span, atOnce(byAsker(requestsOf(events))), 24 * HOUR);
  return approvalOf(seguraSessionEvents, span, requests);
}

describe('whether a session was approved', () => {
  it.each([
    [5, 50, 'approved'],
    [0, 60, 'approved'],
    [5, 61, 'outran_window'],
    [-1, 30, 'outside_window'],
    [61, 70, 'outside_window'],
  ])('minutes %i to %i of a window from 0 to 60: %s', (from, to, wanted) => {
    expect(verdict([asked(), approved()], from, to)).toBe(wanted);
  });

  it('of two windows that follow one another, both count', () => {
    const next = {
      'segura.request.id': '297',
      'segura.request.valid_from': '2026-01-02 11:00:00',
      'segura.request.valid_until': '2026-01-02 12:00:00',
    };
    expect(verdict([asked(), approved(), approved(next)], 5, 100)).toBe('approved');
  });

  it.each<[string, readonly SessionEvent[]]>([
    ['nothing was asked', []],
    ['it was asked for only', [asked()]],
    ['it was denied', [asked(), event('request_denied')]],
    ['it was approved, then denied', [approved(), event('request_denied')]],
    ['that it was approved is a guess', [asked(), approved({}, { guessed: true })]],
    ['it was for a look at the password', [approved({ 'segura.request.action': 'View password' })]],
    ['it was for another account', [approved({ 'destination.user.name': 'oracle' })]],
    ['it was for another machine', [approved({ 'destination.ip': '192.0.2.11' })]],
    [
      'it was of somebody else',
      [asked({ 'user.name': 'ben' }), approved({ 'segura.request.requester': 'Ben Example' })].map((each) => ({
        ...each,
        texts: { ...each.texts, 'segura.request.requester': 'Ben Example' },
      })),
    ],
  ])('none, where %s', (_, events) => {
    expect(verdict(events, 5, 10)).toBe('none');
  });

  it('knows who asked by login; by the full name that an answer has, from any request of theirs', () => {
    const other = { 'segura.request.id': '1', 'destination.ip': '192.0.2.99' };
    expect(verdict([asked({ 'segura.request.requester': '' }), approved({ 'segura.request.requester': '' })], 5, 10)).toBe('approved');
    expect(verdict([asked(other), approved()], 5, 10)).toBe('approved');
    expect(verdict([approved()], 5, 10)).toBe('none');
  });

  it('takes no name of two persons for either', () => {
    const [one, two] = ['1', '2'].map((id) => ({ 'segura.request.id': id, 'destination.ip': '192.0.2.99' }));
    expect(verdict([asked(one), approved()], 5, 10)).toBe('approved');
    expect(verdict([asked(one), asked({ ...two, 'user.name': 'ana2' }), approved()], 5, 10)).toBe('none');
    expect(verdict([asked({ ...two, 'user.name': 'ana2' }), asked(one), approved()], 5, 10)).toBe('none');
    expect(verdict([asked(one), asked({ ...two, 'user.name': 'ana2' }), asked(), approved()], 5, 10)).toBe('approved');
  });

  describe('by what the approval says, whatever a guess with its number adds', () => {
    const guess = { guessed: true, at: TEN - 2 * HOUR };
    const longer = { 'segura.request.valid_until': '2099-01-01 00:00:00' };
    const theirs = { 'user.name': 'ben', 'user.full_name': 'Ben Example', 'segura.request.requester': 'Ben Example' };
    const BEN = { ...ANA, person: 'ben' };

    it('not for longer', () => {
      expect(verdict([asked(longer, guess), asked(), approved()], 5, 100)).toBe('outran_window');
      expect(verdict([asked(longer), approved()], 5, 100)).toBe('outran_window');
    });

    it('not for another person', () => {
      expect(verdict([asked(theirs, guess), asked(), approved()], 5, 10, BEN)).toBe('none');
      expect(verdict([asked({ 'user.name': 'ben' }, guess), asked(), approved()], 5, 10, BEN)).toBe('none');
      expect(verdict([asked({ 'user.name': 'ben' }, guess), approved({ 'segura.request.requester': '' })], 5, 10, BEN)).toBe('none');
    });

    it('not by a name that a guess gives to another', () => {
      const elsewhere = { 'user.name': 'ben', 'segura.request.id': '1', 'destination.ip': '192.0.2.99' };
      expect(verdict([asked(elsewhere, guess), approved()], 5, 10, BEN)).toBe('none');
      expect(verdict([asked({ ...theirs, 'segura.request.requester': '' }), approved()], 5, 10, BEN)).toBe('none');
    });

    it('not for a session where it was for a look at the password', () => {
      expect(verdict([asked({}, guess), approved({ 'segura.request.action': 'View password' })], 5, 10)).toBe('none');
    });

    it('not taken back, and not put in the place of one that counts', () => {
      const later = { guessed: true, at: TEN };
      expect(verdict([asked(), approved(), event('request_denied', {}, later)], 5, 100)).toBe('outran_window');
      expect(verdict([asked(), approved(), approved(longer, later)], 5, 50)).toBe('approved');
      expect(verdict([asked(), approved(), approved(longer, later)], 5, 100)).toBe('outran_window');
    });
  });

  it('not before somebody approved it, though its window had begun', () => {
    const events = [asked(), approved({}, { at: TEN + 10 * 60_000 })];
    expect(verdict(events, 5, 30)).toBe('outside_window');
    expect(verdict(events, 10, 30)).toBe('approved');
  });

  it('reads windows by the clock of the vault', () => {
    const zone = zoneOf('America/Sao_Paulo') ?? UTC;
    const [request] = requestsOf([approved()], zone);
    expect(request?.validFrom).toBe(TEN + 3 * HOUR);
  });

  it('without a window, from when it was approved', () => {
    const open = { 'segura.request.valid_from': '', 'segura.request.valid_until': '' };
    expect(verdict([asked({ ...open, 'segura.request.id': '2' }), approved(open, { at: TEN })], 5, 300)).toBe('approved');
    expect(verdict([asked({ ...open, 'segura.request.id': '2' }), approved(open, { at: TEN + 6 * 60_000 })], 5, 300)).toBe(
      'outside_window',
    );
  });

  it('is not told by a product that tells nothing of requests', () => {
    expect(approvalOf(osiriumSessionEvents, { from: TEN, to: TEN }, [])).toBe('not_told');
  });
});

describe('looks at a password', () => {
  const view = { 'segura.request.action': 'View password' };
  const look = (minutes: number, events: readonly SessionEvent[], who = 'ana') => {
    const at = TEN + minutes * 60_000;
    const requests = atOnce(byAsker(requestsOf(events, UTC, 'view')));
    return viewOf(seguraSessionEvents, event('password_viewed', { 'user.name': who }, { at }), requests, 24 * HOUR).approval;
  };

  it('are held against requests for one, and what says nothing of what it is for', () => {
    expect(look(5, [asked(view), approved(view)])).toBe('approved');
    expect(look(61, [asked(view), approved(view)])).toBe('outside_window');
    expect(look(5, [asked(), approved()])).toBe('none');
    expect(look(61, [approved(view)], '')).toBe('none');
    const unsaid = { 'segura.request.action': '' };
    expect(look(5, [asked(unsaid), approved(unsaid)])).toBe('approved');
  });
});

describe('requests', () => {
  it('are one where asking and answering have one number, for one account on one machine', () => {
    const found = requestsOf([approved(), asked(), asked({ 'destination.user.name': 'oracle' })]);
    expect(found.map(({ state, account }) => [state, account])).toEqual([
      ['approved', 'root'],
      ['asked', 'oracle'],
    ]);
  });
});
