import type { PostedMessage } from './slack-webhook.ts';

/** What the simulated channel shows, latest first, as a page that loads itself again. Everything from a message is text. */
export function slackPage(messages: readonly PostedMessage[]): string {
  const shown = messages.slice(-200).reverse();
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="5">
<title>#security (simulated Slack)</title>
<style>
body { font: 16px/1.45 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; color: #1d1c1d; background: #fff; }
article { border-left: 4px solid #611f69; padding: .25rem .9rem; margin: 1.25rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
time { color: #5b5a5b; font-size: .85rem; }
@media (prefers-color-scheme: dark) { body { color: #e8e8e8; background: #1a1d21; } time { color: #b0b0b0; } article { border-color: #b98ec0; } }
</style>
</head>
<body>
<main>
<h1>#security</h1>
<p>A simulated Slack channel: what Earshot tells here would be told to yours.</p>
${shown.length === 0 ? '<p>Nothing was told yet.</p>' : shown.map(article).join('\n')}
</main>
</body>
</html>
`;
}

function article({ at, text, blocks }: PostedMessage): string {
  const words = blocks.flatMap(textsOf);
  const shown = words.length === 0 ? [text] : words;
  return `<article><time>${new Date(at).toISOString().slice(0, 19)}Z</time>\n${shown.map(escapeHtml).join('\n')}</article>`;
}

/** Texts of a block, wherever they are in it. */
function textsOf(block: unknown): string[] {
  if (typeof block !== 'object' || block === null) return [];
  if (Array.isArray(block)) return block.flatMap(textsOf);
  return Object.entries(block).flatMap(([key, value]) => {
    if (key === 'text' && typeof value === 'string') return [plainText(value)];
    return typeof value === 'object' ? textsOf(value) : [];
  });
}

/** Slack's marks as people read them: `<https://…|words>` is the words, and `&lt;` is `<`. */
const plainText = (text: string): string =>
  text
    .replace(/<[^|>]*\|([^>]*)>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
