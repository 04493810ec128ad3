import { cutText } from '../lib/cut-text.ts';
import type { Answer, Span } from '../model/answer.ts';
import { type Chart, levelsText, totalOf } from '../model/chart.ts';
import { durationText } from '../model/duration-text.ts';
import { LEVELS } from '../model/severity.ts';
import type { Digest, OpenAlert, QuietSource } from './digest.ts';
import { daysText, momentText, type Range } from './period.ts';

type Line = readonly Span[];

/** A gap that is shorter is not worth a word. */
const LEAST_GAP_MS = 60_000;
const GAPS = 3;
/** Characters of a name: events choose it, and a message that is too long is refused. */
const NAME = 120;

/** What people read. A time without anything is one line; what is not known is said, and never taken for nothing. */
export function digestWords(digest: Digest): Answer {
  const caveats = [...lateLines(digest), ...gapLines(digest), ...unknownLines(digest)];
  if (isEmpty(digest))
    return [[...headline(digest), `No alert${ofLevel(digest)}${emptyTrend(digest)}. ${nothingElse(digest)}`], ...caveats];
  const groups = [
    [[...headline(digest), { path: '/overview', text: 'See the overview' }], ...totalLines(digest), ...caveats],
    kindLines(digest),
    [...openLines(digest), ...paceLines(digest)],
    [...quietLines(digest), ...faultLines(digest)],
    notToldLines(digest),
  ];
  return groups.filter((group) => group.length > 0).flatMap((group, i) => (i === 0 ? group : [[], ...group]));
}

/** What is drawn; undefined where there is nothing to be seen. */
export function digestChart(digest: Digest): Chart | undefined {
  const { period, alerts } = digest;
  if (totalOf(alerts.levels) === 0) return undefined;
  const before = isCompared(digest) ? theTimeBefore(digest) : undefined;
  // What is not shown must not say how long the other bars are.
  const bars = alerts.bars.map((bar, i) => ({
    ...bar,
    before: before === undefined ? 0 : bar.before,
    label: period.parts[i]?.label ?? '',
  }));
  return { before, bars };
}

/** Alerts of lower levels are not looked at: that none of these is open says nothing of them. */
const nothingElse = ({ settings: { least_level: least } }: Digest): string =>
  `Nothing${least === LEVELS[0] ? '' : ' of that level'} is open, no source is quiet.`;

/** Whether there is nothing to say of it; that something could not be asked is no news that all is quiet. */
function isEmpty({ alerts, quiet, faults }: Digest): boolean {
  const isQuiet = quiet?.total === 0 && alerts.silent.total === 0 && faults?.length === 0;
  return isQuiet && totalOf(alerts.levels) === 0 && alerts.open.total === 0 && alerts.notTold === 0;
}

const headline = ({ settings, period }: Digest): Line => [
  '📊 ',
  { bold: `${settings.name}: ${daysText(period, settings)}` },
  ` (${settings.time_zone})${ofDatasets(settings)}.`,
  ' ',
];

/** Who reads that nothing was is to know of what. */
const ofDatasets = ({ datasets }: Digest['settings']): string =>
  datasets.includes('*') ? '' : `, of ${cutText(datasets.join(', '), NAME)} alone`;

const ofLevel = ({ settings: { least_level: least } }: Digest): string =>
  least === LEVELS[0] ? '' : ` of level ${least}${least === LEVELS.at(-1) ? '' : ' and above'}`;

const theTimeBefore = ({ settings }: Digest): string => `the ${settings.every} before`;

/** Whether there is a whole time before to compare with. */
const isCompared = ({ keptSince, period }: Digest): boolean => keptSince <= period.before.from;

function emptyTrend(digest: Digest): string {
  const { alerts, settings } = digest;
  if (!isCompared(digest)) return '';
  const then = totalOf(alerts.levelsBefore);
  return then === 0 ? `, as in the ${settings.every} before` : `; ${then} in the ${settings.every} before`;
}

function totalLines(digest: Digest): Line[] {
  const { alerts, settings } = digest;
  const total = totalOf(alerts.levels);
  const levels = total === 0 ? '' : `: ${levelsText(alerts.levels)}`;
  const compared = isCompared(digest) ? trend(digest) : [` There is no whole ${settings.every} before to compare with.`];
  return [
    [{ bold: total === 0 ? `No alert${ofLevel(digest)}` : `${counted(total, 'alert')}${ofLevel(digest)}` }, `${levels}.`, ...compared],
  ];
}

function trend({ alerts, settings }: Digest): Span[] {
  const [now, then] = [totalOf(alerts.levels), totalOf(alerts.levelsBefore)];
  const before = `the ${settings.every} before`;
  if (now === then) return [` As many as ${before}.`];
  const by = now - then;
  const head = ` ${Math.abs(by)} ${by > 0 ? 'more' : 'fewer'} than ${before} (${then})`;
  const { change } = alerts;
  if (change === undefined) return [`${head}.`];
  // Mostly is what half of the change or more is.
  const how = Math.abs(change.by) * 2 >= Math.abs(by) ? 'mostly' : 'above all';
  return [`${head}, ${how} `, { bold: cutText(change.title, NAME) }, ` (${change.by > 0 ? '+' : '−'}${Math.abs(change.by)}).`];
}

function lateLines({ late, settings }: Digest): Line[] {
  if (late === undefined) return [];
  const missed = late.missed === 0 ? '' : ` The ${late.missed === 1 ? 'one' : late.missed} before it ${was(late.missed)} not told.`;
  return [[`⏰ This is late: it was due on ${momentText(late.dueAt, settings)}.${missed}`]];
}

/** When nothing was heard, and since when anything is known: counts are too low then. */
function gapLines({ deaf, keptSince, period, settings }: Digest): Line[] {
  const said = (range: Range, which: string): Line[] => {
    const own = deaf.flatMap(({ from, to }) => {
      const gap = { from: Math.max(from, range.from), to: Math.min(to, range.to) };
      return gap.to - gap.from >= LEAST_GAP_MS ? [gap] : [];
    });
    if (own.length === 0) return [];
    const all = own.reduce((sum, gap) => sum + gap.to - gap.from, 0);
    const longest = own.toSorted((a, b) => b.to - b.from - (a.to - a.from)).slice(0, GAPS);
    const spans = longest.map((gap) => `${momentText(gap.from, settings)} for ${durationText((gap.to - gap.from) / 1_000)}`);
    const more = own.length > GAPS ? `, and ${own.length - GAPS} more` : '';
    return [
      [
        `⚠️ A hub heard nothing for ${durationText(all / 1_000)} of ${which} (${spans.join(', ')}${more}): what came then and was not sent again is not counted.`,
      ],
    ];
  };
  const young =
    keptSince > period.from
      ? [[`⚠️ Earshot runs since ${momentText(keptSince, settings)}: of the time before it knows what was sent to it later, and no more.`]]
      : [];
  return [...young, ...said(period, `this ${settings.every}`), ...said(period.before, `the ${settings.every} before`)];
}

function unknownLines({ quiet, faults, behindSince, settings }: Digest): Line[] {
  return [
    ...(behindSince === undefined
      ? []
      : [[`⚠️ Messages that came since ${momentText(behindSince, settings)} wait to be looked at: what they tell is not counted.`]]),
    ...(quiet === undefined ? [['⚠️ Which sources are quiet is not known: the event engine did not answer.']] : []),
    ...(faults === undefined ? [['⚠️ Whether all sources work is not known: the intake did not answer.']] : []),
  ];
}

function kindLines(digest: Digest): Line[] {
  const { kinds, others } = digest.alerts;
  if (kinds.length === 0) return [];
  const lines = kinds.map(
    ({ title, level, count, before }, i): Line => [
      `${i + 1}. ${level.toUpperCase()} `,
      { bold: cutText(title, NAME) },
      `: ${count}${isCompared(digest) ? ` (${before} ${theTimeBefore(digest)})` : ''}`,
    ],
  );
  const rest: Line[] =
    others.alerts === 0 ? [] : [[`and ${counted(others.alerts, 'alert')} of ${others.kinds} more ${kindWord(others.kinds)}`]];
  return [[{ bold: 'Most frequent' }], ...lines, ...rest];
}

function openLines(digest: Digest): Line[] {
  const {
    alerts: { open },
    at,
    settings,
  } = digest;
  if (open.total === 0) return [[`Nothing${ofLevel(digest)} is open.`]];
  const nobodys = open.nobodys === 0 ? '' : `, ${open.nobodys === open.total ? 'all' : open.nobodys} of them nobody's`;
  const rest = open.total - open.oldest.length;
  return [
    [{ bold: `Open now: ${open.total}` }, `${ofLevel(digest)}${nobodys}. The oldest:`],
    ...open.oldest.map((alert): Line => openLine(alert, at, (until) => momentText(until, settings))),
    ...(rest > 0 ? [[`and ${rest} more. `, { path: '/alerts', text: 'All of them' }]] : []),
  ];
}

function openLine(
  { id, title, level, about, state, openedAt, assignee, snoozedUntil }: OpenAlert,
  at: number,
  moment: (at: number) => string,
): Line {
  const who = assignee === undefined ? "nobody's" : `${assignee} has it`;
  const asleep = state === 'snoozed' && snoozedUntil !== undefined ? `, asleep until ${moment(snoozedUntil)}` : '';
  return [
    `• ${level.toUpperCase()} `,
    { bold: cutText(title, NAME) },
    `${about.length === 0 ? '' : ` (${cutText(about.join(', '), NAME)})`}: open for ${durationText((at - openedAt) / 1_000)}, ${who}${asleep}. `,
    { path: `/alerts/${encodeURIComponent(id)}`, text: 'See the alert' },
  ];
}

function paceLines(digest: Digest): Line[] {
  const { pace, paceBefore } = digest.alerts;
  if (pace.opened === 0) return [];
  const then = (secs: number | undefined) =>
    secs === undefined || !isCompared(digest) ? '' : ` (${durationText(secs)} ${theTimeBefore(digest)})`;
  const took = (count: number, now: number | undefined, before: number | undefined) =>
    now === undefined ? '' : `, ${count === 1 ? '' : 'half of them '}within ${durationText(now)}${then(before)}`;
  return [
    [
      `Of ${counted(pace.opened, 'alert')} that opened, ${were(pace.acknowledged)} acknowledged${took(pace.acknowledged, pace.medianAcknowledgeSecs, paceBefore.medianAcknowledgeSecs)}; `,
      `${were(pace.resolved)} resolved${took(pace.resolved, pace.medianResolveSecs, paceBefore.medianResolveSecs)}.`,
    ],
  ];
}

function quietLines({ quiet, alerts: { silent }, at, settings }: Digest): Line[] {
  if (quiet === undefined && silent.total === 0) return [];
  const total = (quiet?.total ?? 0) + silent.total;
  if (total === 0) return [['No source is quiet.']];
  const rest = (quiet?.total ?? 0) - (quiet?.sources.length ?? 0) + silent.total - silent.alerts.length;
  return [
    [{ bold: `Quiet now: ${total}` }, ' ', { path: '/sources', text: 'See them' }],
    ...silent.alerts.map(
      ({ id, title, about, heardAt }): Line => [
        '• ',
        { bold: cutText(title, NAME) },
        ` (${cutText(about.join(', '), NAME)}): heard last on ${momentText(heardAt, settings)}, ${durationText((at - heardAt) / 1_000)} ago. `,
        { path: `/alerts/${encodeURIComponent(id)}`, text: 'See the alert' },
      ],
    ),
    ...(quiet?.sources ?? []).map(quietLine),
    ...(rest > 0 ? [[`and ${rest} more`]] : []),
  ];
}

const quietLine = ({ dataset, from, silentMs, longestPauseMs }: QuietSource): Line => [
  `• ${dataset === '' ? 'events without a dataset' : cutText(dataset, NAME)}${from === '' ? '' : ` from ${cutText(from, NAME)}`}: silent for ${durationText(silentMs / 1_000)}, before never for longer than ${durationText(longestPauseMs / 1_000)}`,
];

const faultLines = ({ faults = [] }: Digest): Line[] =>
  faults.map(({ source, fault }) => ['• the source ', { bold: source }, ` does not work: ${cutText(fault, NAME)}`]);

function notToldLines({ alerts: { notTold }, period, settings }: Digest): Line[] {
  if (notTold === 0) return [];
  const said = `${counted(notTold, 'message')} could not be delivered since ${momentText(period.from, settings)}, and ${was(notTold)} given up. `;
  return [[{ bold: 'Not told' }, `: ${said}`, { path: '/notifications', text: 'Notifications' }]];
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
const were = (count: number): string => (count === 0 ? 'none was' : `${count} ${was(count)}`);
const was = (count: number): string => (count === 1 ? 'was' : 'were');
const kindWord = (count: number): string => (count === 1 ? 'kind' : 'kinds');
