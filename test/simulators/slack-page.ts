import { isObject } from './slack-blocks.ts';

/** What people see of a message. */
export interface ShownMessage {
  /** Its `ts`, or of a private one its name. */
  readonly ts: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly text: string;
  readonly blocks: readonly unknown[];
  readonly edited?: boolean;
  /** Answers in its thread. */
  readonly replies?: readonly ShownMessage[];
  /** What the app told whoever clicked on it, and nobody else. */
  readonly whispers?: readonly ShownMessage[];
}

/**
 * What the simulated channel shows, latest first, as a page that loads itself again. Everything from a message is text. `clickable`: its
 * buttons are forms, sent to `/click`; else they are only shown.
 */
export function slackPage(messages: readonly ShownMessage[], clickable: boolean): string {
  const shown = messages.slice(-200).reverse();
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>#security (simulated Slack)</title>
<style>
body { font: 16px/1.45 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; color: #1d1c1d; background: #fff; }
article { border-left: 4px solid #611f69; padding: .25rem .9rem; margin: 1.25rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
article article { margin: .6rem 0; border-left-width: 2px; }
article.whisper { border-left-style: dashed; }
.actions { display: flex; flex-wrap: wrap; gap: .4rem .8rem; margin: .5rem 0; align-items: center; }
form { display: inline-flex; gap: .2rem; }
h2 { font-size: 1.05rem; margin: .2rem 0; }
p { margin: .35rem 0; }
img { max-width: 100%; }
dl { display: grid; grid-template-columns: 1fr 1fr; gap: .3rem 1rem; margin: .4rem 0; }
time, small { color: #5b5a5b; font-size: .85rem; }
@media (prefers-color-scheme: dark) { body { color: #e8e8e8; background: #1a1d21; } time, small { color: #b0b0b0; } article { border-color: #b98ec0; } }
</style>
</head>
<body>
<main>
<h1>#security</h1>
<p>A simulated Slack channel: what Earshot tells here would be told to yours.</p>
${shown.length === 0 ? '<p>Nothing was told yet.</p>' : shown.map((message) => article(message, clickable)).join('\n')}
</main>
<script>setInterval(() => document.activeElement?.tagName === 'SELECT' || location.reload(), 5000);</script>
</body>
</html>
`;
}

function article({ ts, at, text, blocks, edited = false, replies = [], whispers = [] }: ShownMessage, clickable: boolean): string {
  const time = `<time>${new Date(at).toISOString().slice(0, 19)}Z</time>${edited ? ' <small>(edited)</small>' : ''}`;
  const click = clickable ? ts : undefined;
  const content = blocks.length === 0 ? `<p>${mrkdwnHtml({ text })}</p>` : blocks.map((block) => blockHtml(block, click)).join('');
  const below = [...replies, ...whispers].map((message) => article(message, clickable)).join('');
  const whisper = ts.startsWith('whisper-');
  return `<article${whisper ? ' class="whisper"' : ''}>${whisper ? '<small>Only visible to you</small> ' : ''}${time}${content}${below}</article>`;
}

function blockHtml(block: unknown, click: string | undefined): string {
  if (!isObject(block)) return '';
  if (block.type === 'image' && isObject(block.slack_file))
    return `<p><img src="/files/${escapeHtml(String(block.slack_file.id))}" alt="${escapeHtml(String(block.alt_text))}" title="${escapeHtml(String(block.alt_text))}"></p>`;
  if (block.type === 'header') return `<h2>${escapeHtml(textOf(block.text))}</h2>`;
  if (block.type === 'actions' && Array.isArray(block.elements))
    return `<div class="actions">${block.elements.map((each) => elementHtml(each, click, String(block.block_id))).join(' ')}</div>`;
  if (Array.isArray(block.elements)) return block.elements.map((each) => `<p><small>${mrkdwnHtml(each)}</small></p>`).join('');
  if (Array.isArray(block.fields)) return `<dl>${block.fields.map((each) => `<div>${mrkdwnHtml(each)}</div>`).join('')}</dl>`;
  return `<p>${mrkdwnHtml(block.text)}</p>`;
}

/** A button, or a menu whose choice is sent as it is made. A button that leads somewhere is a link. */
function elementHtml(element: unknown, ts: string | undefined, block: string): string {
  if (!isObject(element)) return '';
  const options = Array.isArray(element.options) ? element.options.filter(isObject) : undefined;
  const label = escapeHtml(textOf(options === undefined ? element.text : element.placeholder));
  if (typeof element.url === 'string') return `<a href="${escapeHtml(element.url)}">${label}</a>`;
  if (ts === undefined) return `<button type="button" disabled>${label}${options === undefined ? '' : ' ▾'}</button>`;
  const hidden = [
    ['ts', ts],
    ['block', block],
    ['action', String(element.action_id)],
  ].map(([name, value = '']) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`);
  const choices = options?.map(({ text, value }) => `<option value="${escapeHtml(String(value))}">${escapeHtml(textOf(text))}</option>`);
  const what =
    choices === undefined
      ? `<button>${label}</button>`
      : `<select name="choice" aria-label="${label}">${choices.join('')}</select><button>${label}</button>`;
  return `<form method="post" action="/click">${hidden.join('')}${what}</form>`;
}

const textOf = (text: unknown): string => (isObject(text) && typeof text.text === 'string' ? text.text : '');

/** Slack's marks as people read them: `<https://…|words>` is a link, `*words*` are bold, `_words_` are slanted, and `&lt;` is `<`. */
function mrkdwnHtml(text: unknown): string {
  const links: string[] = [];
  const withoutLinks = textOf(text)
    .replace(/<(https?:[^|>]*)\|([^>]*)>/g, (_, url: string, words: string) => {
      links.push(`<a href="${escapeHtml(plainOf(url))}">${escapeHtml(plainOf(words))}</a>`);
      return LINK;
    })
    .replace(/<[^|>]*\|([^>]*)>/g, '$1');
  return escapeHtml(plainOf(withoutLinks))
    .replace(/\*([^*\n]+)\*/g, '<b>$1</b>')
    .replace(/(^|\s)_([^_\n]+)_(?=$|[\s.,])/g, '$1<i>$2</i>')
    .replaceAll(LINK, () => links.shift() ?? '');
}

/** Where a link stands, while the marks around it are read: no message has this sign. */
const LINK = '\u0001';

const plainOf = (text: string): string => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
