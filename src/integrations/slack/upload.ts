import { cutText } from '../../lib/cut-text.ts';
import type { Picture } from '../../notify/notifier.ts';
import { isUploadUrl } from './addresses.ts';
import { callSlack, paceOf, type SlackAccess } from './client.ts';
import { exchange, type Retry } from './exchange.ts';

/** A file of the workspace that only the app can see, until a message shows it. */
export interface Uploaded {
  readonly id: string;
}

/** `scope`: the token may not upload. `unavailable`: this file did not come to be, for whatever reason. */
export type Upload = Uploaded | 'scope' | 'unavailable' | Retry;

/** "files.getUploadURLExternal": characters of `alt_txt`. */
const ALT = 1_000;
/** Uploads a minute: as often as their addresses are given out. */
const PER_MINUTE = 100;
const ANSWER = 10_000;
const FILE = /^F[A-Z0-9]{8,}$/;

/**
 * Uploads a picture in three steps ("Working with files", "Uploading files"): an address, the bytes, and that it is complete. Without a
 * channel: the message shows it, and may be looked for by its metadata as any other. Waits only where Slack says for how long; for any other
 * fault a message goes without its picture, as the words are what counts.
 */
export async function uploadPicture({ png, name, alt }: Picture, access: SlackAccess): Promise<Upload> {
  const args = { filename: name, length: png.length, alt_txt: cutText(alt, ALT) };
  const given = await callSlack('files.getUploadURLExternal', args, access);
  if (given.kind === 'refused' && given.error === 'missing_scope') return 'scope';
  if (given.kind === 'failed' && given.because === 'calls') return given.retry;
  if (given.kind !== 'done') return 'unavailable';
  const { upload_url: url, file_id: id } = given.body;
  if (typeof url !== 'string' || typeof id !== 'string' || !FILE.test(id) || !isUploadUrl(url, access.apiUrl)) return 'unavailable';
  if (!(await putBytes(url, png, access))) return 'unavailable';
  const done = await callSlack('files.completeUploadExternal', { files: [{ id, title: name }] }, access);
  if (done.kind === 'failed' && done.because === 'calls') return done.retry;
  return done.kind === 'done' ? { id } : 'unavailable';
}

/** The address is the secret: the token is not sent there. */
async function putBytes(url: string, png: Uint8Array, access: SlackAccess): Promise<boolean> {
  const init = { method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body: Buffer.from(png) };
  const answer = await exchange({ url, init, pace: paceOf('upload', PER_MINUTE, access), most: ANSWER }, access);
  return answer.kind === 'answer' && answer.status === 200;
}
