import { z } from 'zod';
import { isLoopback } from './transport.ts';

/** The setting of where Slack's Web API is. */
export const slackApiUrl = () =>
  z
    .string()
    .refine(isSlack, 'must be https://slack.com/api/ or https://slack-gov.com/api/ (http:// is for loopback addresses, for tests)')
    .default('https://slack.com/api/')
    .describe("Where Slack's Web API is. The token is sent there, so it must be Slack's; for tests it may be a loopback address.");

export const endedBySlash = (url: string): string => (url.endsWith('/') ? url : `${url}/`);

function isSlack(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.search !== '' || url.hash !== '') return false;
  if (url.protocol === 'http:') return isLoopback(url.hostname);
  return url.protocol === 'https:' && url.port === '' && /^(.+\.)?slack(-gov)?\.com$/.test(url.hostname) && /^\/api\/?$/.test(url.pathname);
}
