import { z } from 'zod';

/** The setting of where Slack's Web API is. */
export const slackApiUrl = () =>
  z
    .string()
    .refine(isWebApi, 'must be https://slack.com/api/ or https://slack-gov.com/api/ (http:// is for loopback addresses, for tests)')
    .overwrite(endedBySlash)
    .default('https://slack.com/api/')
    .describe("Where Slack's Web API is. The token is sent there, so it must be Slack's; for tests it may be a loopback address.");

/** The setting of where Slack's audit API is. */
export const slackAuditUrl = () =>
  z
    .string()
    .refine(
      isAuditApi,
      'must be https://api.slack.com/audit/v1/ or https://api.slack-gov.com/audit/v1/ (http:// is for loopback addresses, for tests)',
    )
    .overwrite(endedBySlash)
    .default('https://api.slack.com/audit/v1/')
    .describe("Where Slack's audit API is. The token is sent there, so it must be Slack's; for tests it may be a loopback address.");

function endedBySlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}

const isWebApi = (text: string): boolean => isApi(text, /^(.+\.)?slack(-gov)?\.com$/, /^\/api\/?$/);
const isAuditApi = (text: string): boolean => isApi(text, /^api\.slack(-gov)?\.com$/, /^\/audit\/v1\/?$/);

function isApi(text: string, host: RegExp, path: RegExp): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.search !== '' || url.hash !== '') return false;
  if (url.protocol === 'http:') return isLoopback(url.hostname);
  return url.protocol === 'https:' && url.port === '' && host.test(url.hostname) && path.test(url.pathname);
}

/** Answers go to Slack alone: to its own host, or, in tests, to where the API is. */
export function isResponseUrl(text: string, apiUrl: string): boolean {
  const url = URL.parse(text);
  const api = URL.parse(apiUrl);
  if (url === null || api === null || url.username !== '' || url.password !== '') return false;
  if (api.protocol === 'http:') return url.origin === api.origin;
  return url.origin === (api.hostname.endsWith('slack-gov.com') ? 'https://hooks.slack-gov.com' : 'https://hooks.slack.com');
}

/** Files are uploaded to Slack's own hosts, or, in tests, to where the API is. */
export function isUploadUrl(text: string, apiUrl: string): boolean {
  const url = URL.parse(text);
  const api = URL.parse(apiUrl);
  if (url === null || api === null || url.username !== '' || url.password !== '') return false;
  if (api.protocol === 'http:') return url.origin === api.origin;
  return url.protocol === 'https:' && url.port === '' && /\.slack(-gov)?\.com$/.test(url.hostname);
}

/** Sockets are opened to Slack's own hosts, or, in tests, to where the API is. */
export function isSocketUrl(text: string, apiUrl: string): boolean {
  const url = URL.parse(text);
  const api = URL.parse(apiUrl);
  if (url === null || api === null || url.username !== '' || url.password !== '') return false;
  if (api.protocol === 'http:') return url.protocol === 'ws:' && isLoopback(url.hostname);
  return url.protocol === 'wss:' && url.port === '' && /\.slack(-gov)?\.com$/.test(url.hostname);
}

export const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
