import { createHash } from 'node:crypto';
import { askerText, thingFacts, timeText } from '../ask/ask-letter.ts';
import { type Html, html } from '../lib/html.ts';
import { type Ask, askNumber, type Said } from '../model/ask.ts';

const STYLE = `
:root { color-scheme: light dark; --accent: #1c5fb8; --on-accent: #fff; --line: #767676; --soft: #f2f4f7; --back: #fff; --text: #1a1b1e; }
@media (prefers-color-scheme: dark) { :root { --accent: #8ab8f5; --on-accent: #10151c; --line: #8b8f96; --soft: #23262b; --back: #16181c; --text: #e8eaed; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 17px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; }
main { max-width: 40rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1rem; }
dl { background: var(--soft); border-radius: 8px; padding: .75rem 1rem; margin: 0 0 .75rem; }
dt { font-size: .9rem; font-weight: 600; }
dd { margin: 0 0 .4rem; overflow-wrap: anywhere; }
fieldset { border: 1px solid var(--line); border-radius: 8px; padding: .5rem 1rem; margin: 1.25rem 0 1rem; }
legend { font-weight: 600; padding: 0 .4rem; }
.choice { display: flex; gap: .75rem; align-items: center; padding: .6rem 0; min-height: 2.75rem; }
input[type=radio] { width: 1.4rem; height: 1.4rem; margin: 0; accent-color: var(--accent); flex: none; }
label { font-weight: 600; }
textarea { display: block; width: 100%; margin: .4rem 0 1rem; padding: .6rem; font: inherit; color: inherit; background: var(--back); border: 1px solid var(--line); border-radius: 8px; }
button { font: inherit; font-weight: 600; padding: .75rem 1.5rem; min-height: 2.75rem; border: 0; border-radius: 8px; background: var(--accent); color: var(--on-accent); cursor: pointer; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.small { font-size: .9rem; }
`;

/** Nothing is loaded, nothing is run, and the form goes nowhere but here. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

export const ANSWER_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  // To no other site. To our own, so that a browser says where a form comes from: without it, `Origin` is `null`.
  'referrer-policy': 'same-origin',
  'x-robots-tag': 'noindex, nofollow, noarchive',
};

const page = (title: string, body: Html): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>${title}</title>
<style>${{ html: STYLE }}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`.html;

/** What is wrong with what was sent, and what they had written: it is not to be lost. */
export interface AskedAgain {
  readonly fault: string;
  readonly note: string;
}

/** Asks for the answer, with what the link stands for chosen already. */
export function questionPage(ask: Ask, link: string, chosen: Said | undefined, again?: AskedAgain): string {
  const choice = (said: Said, text: string) =>
    html`<div class="choice"><input type="radio" id="${said}" name="said" value="${said}" required${{ html: said === chosen ? ' checked' : '' }}><label for="${said}">${text}</label></div>
`;
  return page(
    'Was this you?',
    html`${again === undefined ? [] : [html`<p role="alert"><strong>${again.fault}</strong></p>`]}<p>Hello ${ask.person.name},</p>
<p>${askerText(ask)} would like to know whether you did the following. It was seen under your name:</p>
${ask.seen.map((thing) => html`<dl>${thingFacts(thing).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`)}
<form method="post" action="/answer/${link}">
<fieldset><legend>Your answer</legend>
${choice('me', 'It was me')}${choice('not_me', 'It was not me')}</fieldset>
<label for="note">Anything to add? (not needed)</label>
<textarea id="note" name="note" rows="3" maxlength="500" autocomplete="off">${again?.note ?? ''}</textarea>
<button type="submit">Send my answer</button>
</form>
<p class="small">Not sure? Then say that it was not you, and write so. You are asked for no password, here or later. Your answer counts once; you can give it until ${timeText(ask.expiresAt)}.</p>
<p class="small">Question ${askNumber(ask)}. In doubt, call your security team by a number that you know already, and say this one.</p>`,
  );
}

/** What is said once the answer is in. */
export function thanksPage(ask: Ask): string {
  const isTheirs = ask.answer?.said === 'me';
  return page(
    'Thank you',
    html`<p role="status">Your answer is in: <strong>${isTheirs ? 'it was me' : 'it was not me'}</strong>. Your security team has been told.</p>
${
  isTheirs
    ? html`<p>There is nothing else to do. You can close this page.</p>`
    : html`<p>They will look into it and come to you. Until then, enter your password nowhere that you did not open yourself, and confirm no sign-in that you did not begin. If it is urgent, call them by a number that you know already, and say: question ${askNumber(ask)}.</p>`
}`,
  );
}

export const answeredPage = (ask: Ask): string =>
  page(
    'This question was answered',
    html`<p>It was answered on ${timeText(ask.answer?.at ?? ask.askedAt)}, and an answer counts once.</p>
<p>If that was not you, or if you want to say something else, call your security team by a number that you know already, and say: question ${askNumber(ask)}.</p>`,
  );

export const expiredPage = (ask: Ask): string =>
  page(
    'This link is too old',
    html`<p>The question could be answered until ${timeText(ask.expiresAt)}. Nothing was sent.</p>
<p>What you have to say still helps: call your security team by a number that you know already, and say: question ${askNumber(ask)}.</p>`,
  );

export const unknownPage = (): string =>
  page(
    'This link is not known',
    html`<p>It may have been cut off when it was copied, or it is too old. Nothing was sent.</p>
<p>Open it from the mail once more, or call your security team by a number that you know already.</p>`,
  );

export const laterPage = (): string =>
  page(
    'Please try again later',
    html`<p>Too many links that are not known came from your network. Wait a minute, then open the link again.</p>`,
  );
