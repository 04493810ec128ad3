import { expect, it } from 'vitest';
import { isValidBlock } from '../../../test/simulators/slack-blocks.ts';
import { writeAnswer } from './answer-text.ts';

it('writes each piece in its own way, and nothing of a piece can be more than text', () => {
  const hostile = '<!channel> *x* `y` @here\nnext';
  const { text } = writeAnswer(
    [
      ['says ', { bold: hostile }, ', ', { code: hostile }, ' at ', { at: 0 }],
      [{ path: '/explorer?q=%22x%22', text: hostile }, ' end'],
    ],
    'https://earshot.example.com/',
  );
  const shown = '&lt;!channel&gt; ∗x∗ ˋyˋ ＠here next';
  expect(text.split('\n')).toEqual([
    `says *${shown}*, \`${shown}\` at <!date^0^{date_num} {time_secs}|1970-01-01 00:00:00 UTC>`,
    `<https://earshot.example.com/explorer?q=%22x%22|${shown}> end`,
  ]);
});

it('has no links where nobody has said where the page is', () => {
  expect(writeAnswer([['a ', { path: '/explorer', text: 'See' }]], undefined).text).toBe('a ');
});

it("holds Slack's bounds, however much there is to say", () => {
  const { text, blocks } = writeAnswer(
    Array.from({ length: 400 }, () => [{ bold: '&'.repeat(2_000) }]),
    undefined,
  );
  expect(text.length).toBeLessThanOrEqual(4_000);
  expect(blocks.length).toBeLessThanOrEqual(50);
  expect(blocks.every(isValidBlock)).toBe(true);
  expect(writeAnswer([['a'], ['b']], undefined).blocks).toEqual([
    { type: 'section', text: { type: 'mrkdwn', text: 'a\nb', verbatim: true } },
  ]);
});
