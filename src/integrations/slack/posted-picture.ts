import { setTimeout as wait } from 'node:timers/promises';
import type { Answer } from '../../model/answer.ts';
import type { Picture } from '../../notify/notifier.ts';
import { writeAnswer } from './answer-text.ts';
import { asMessage, image } from './blocks.ts';
import { callSlack, type SlackAccess, type SlackAnswer } from './client.ts';
import type { Retry } from './exchange.ts';
import { type Uploaded, uploadPicture } from './upload.ts';

export interface Posting {
  readonly channel: string;
  readonly metadata: object;
  readonly answer: Answer;
  readonly pageUrl: string | undefined;
}

/**
 * Files are looked at by Slack after they were uploaded ("Files are processed asynchronously"): until then a message that shows one is refused
 * as `invalid_blocks`, about a second long (slackapi/python-slack-sdk, issue 1521). Milliseconds between one try and the next.
 */
const LOOKED_AT_MS = [1_000, 1_500, 3_000];

/** Posts words with a picture below them; where it cannot be shown, with the same of signs. */
export async function postWithPicture(posting: Posting, picture: Picture, access: SlackAccess): Promise<SlackAnswer> {
  const uploaded = await uploadPicture(picture, access);
  if (isRetry(uploaded)) return { kind: 'failed', retry: uploaded };
  if (typeof uploaded !== 'string') {
    const shown = await postShown(posting, uploaded, picture, access);
    if (shown !== undefined) return shown;
  }
  const why: Answer =
    uploaded === 'scope' ? [['The chart is of signs because the app lacks the scope ', { code: 'files:write' }, '.']] : [];
  return postLines({ ...posting, answer: [...posting.answer, ...picture.text, ...why] }, access);
}

/** Posts an answer. */
export const postLines = ({ channel, metadata, answer, pageUrl }: Posting, access: SlackAccess): Promise<SlackAnswer> =>
  callSlack('chat.postMessage', { channel, ...asMessage(writeAnswer(answer, pageUrl)), metadata }, access);

const isRetry = (upload: Awaited<ReturnType<typeof uploadPicture>>): upload is Retry => typeof upload === 'object' && 'verdict' in upload;

/** Undefined: Slack does not show it. Refused blocks are no message. */
async function postShown(
  { channel, metadata, answer, pageUrl }: Posting,
  { id }: Uploaded,
  { alt }: Picture,
  access: SlackAccess,
): Promise<SlackAnswer | undefined> {
  const { text, blocks } = writeAnswer(answer, pageUrl);
  const args = { channel, ...asMessage({ text, blocks: [...blocks, image(id, alt)] }), metadata };
  for (const ms of [0, ...LOOKED_AT_MS]) {
    await wait(ms, undefined, { signal: access.signal });
    const posted = await callSlack('chat.postMessage', args, access);
    if (posted.kind !== 'refused' || posted.error !== 'invalid_blocks') return posted;
  }
  return undefined;
}
