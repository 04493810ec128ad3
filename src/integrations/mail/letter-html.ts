import { type Html, html } from '../../lib/html.ts';
import type { Letter, LetterPart } from '../../model/letter.ts';
import { mailText } from './letter-text.ts';

const FONT = 'font-family:system-ui,-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif;font-size:15px;line-height:1.5';

/** The letter as HTML. It loads nothing: no picture, no font, no style from elsewhere. Colours are the reader's own, but for links. */
export const letterHtml = ({ parts }: Letter): string =>
  html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><meta name="viewport" content="width=device-width"></head>
<body style="${FONT}"><div style="max-width:640px;margin:0 auto;padding:16px">
${parts.map(partHtml)}
</div></body></html>
`.html;

function partHtml(part: LetterPart): Html {
  switch (part.kind) {
    case 'heading':
      return html`<h1 style="font-size:20px;line-height:1.3;margin:0 0 16px">${mailText(part.text)}</h1>\n`;
    case 'text':
      return html`<p style="margin:0 0 14px">${mailText(part.text)}</p>\n`;
    case 'small':
      return html`<p style="margin:14px 0 0;font-size:13px">${mailText(part.text)}</p>\n`;
    case 'facts':
      return html`<table style="border-collapse:collapse;margin:0 0 14px">${part.facts.map(factHtml)}</table>\n`;
    case 'list': {
      const items = part.items.map((item) => html`<li>${mailText(item)}</li>`);
      const list =
        part.numbered === true ? html`<ol style="margin:4px 0 14px">${items}</ol>` : html`<ul style="margin:4px 0 14px">${items}</ul>`;
      return html`<p style="margin:0"><strong>${mailText(part.title)}</strong></p>${list}\n`;
    }
    case 'links':
      return html`${part.links.map(linkHtml)}`;
  }
}

const factHtml = ([name, value]: readonly [string, string]): Html =>
  html`<tr><th scope="row" style="text-align:left;vertical-align:top;padding:2px 16px 2px 0">${mailText(name)}</th><td style="padding:2px 0;overflow-wrap:anywhere">${mailText(value)}</td></tr>`;

const linkHtml = ({ text, url }: { readonly text: string; readonly url: string }): Html =>
  html`<p style="margin:0 0 14px"><a href="${url}" style="display:inline-block;padding:10px 18px;border-radius:6px;background:#1c5fb8;color:#ffffff;text-decoration:none">${mailText(text)}</a></p>\n`;
