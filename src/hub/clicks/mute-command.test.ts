import { expect, it } from 'vitest';
import { readTypedMute } from './mute-command.ts';

const HOUR = 3_600_000;

it.each([
  ['web1.example.com', { kind: 'subject', what: 'web1.example.com', forMs: HOUR, reason: '' }],
  ['rule linux_sudo for 2h', { kind: 'rule', what: 'linux_sudo', forMs: 2 * HOUR, reason: '' }],
  ['RULE x FOR 1D BECAUSE  of the drill for 2h', { kind: 'rule', what: 'x', forMs: 24 * HOUR, reason: 'of the drill for 2h' }],
  ['“Ana Silva” for 30 m because she said so', { kind: 'subject', what: 'Ana Silva', forMs: HOUR / 2, reason: 'she said so' }],
  ['ruler', { kind: 'subject', what: 'ruler', forMs: HOUR, reason: '' }],
  ['for', { kind: 'subject', what: 'for', forMs: HOUR, reason: '' }],
  [`x because ${'y'.repeat(400)}`, { kind: 'subject', what: 'x', forMs: HOUR, reason: 'y'.repeat(300) }],
])('%s', (text, typed) => {
  expect(readTypedMute(text)).toEqual(typed);
});

it.each(['', 'rule', 'rule for 2h', 'x for 0h', 'x for 31d', 'x for 9y', 'x'.repeat(201)])('%s cannot be read', (text) => {
  expect(readTypedMute(text)).toBeUndefined();
});
