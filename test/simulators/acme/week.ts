import { crmDay, doorsBackground, doorsDay } from '../http-app.ts';
import { linuxBackground, linuxDay } from '../linux-hosts.ts';
import { osiriumDay, osiriumNight } from '../pam-osirium.ts';
import { seguraDay, seguraNight } from '../pam-segura.ts';
import { brokenLines } from './broken.ts';
import { DAY, HOUR, midnight } from './chance.ts';
import { SILENT_DOORS, SILENT_HOST } from './estate.ts';
import { plantedLines } from './incidents.ts';
import { type Line, type Span, within } from './line.ts';
import { daysOf, type Pace, workdayOf } from './workday.ts';

export interface Story extends Pace {
  /** When the demo was first started, in milliseconds since the epoch: the planted incidents were so long before. */
  readonly toldAt: number;
}

/** However fast the machines talk, people stay people. */
const MOST_OF_PEOPLE = 4;

/** All that Acme's systems say within the stretch, in order of time. The same stretch of the same story is the same lines. */
export function linesOf(span: Span, story: Story): Line[] {
  const people = { ...story, density: Math.min(story.density, MOST_OF_PEOPLE) };
  const lines = [
    ...daysOf(span).flatMap((day) => peopleLines(day, people)),
    ...daysIn(span).flatMap((day) => machineLines(day, story)),
    ...plantedLines(story.toldAt, story.seed),
    ...daysIn(span).flatMap((day) => brokenLines(day, story)),
  ];
  return lines.filter((line) => within(line.at, span) && !isSilent(line, story)).sort((one, other) => one.at - other.at);
}

function peopleLines(day: number, pace: Pace): Line[] {
  const work = workdayOf(day, pace);
  return [...seguraDay(work, pace), ...osiriumDay(work, pace), ...linuxDay(work, pace), ...crmDay(work, pace), ...doorsDay(work, pace)];
}

const machineLines = (day: number, pace: Pace): Line[] => [
  ...seguraNight(day, pace),
  ...osiriumNight(day, pace),
  ...linuxBackground(day, pace),
  ...doorsBackground(day),
];

/** Midnights of the days that have a part in the stretch, and of the one before: what began at its end may reach over. */
function daysIn({ from, to }: Span): number[] {
  const first = midnight(from - HOUR);
  return Array.from({ length: Math.ceil((to - first) / DAY) }, (_, i) => first + i * DAY);
}

function isSilent({ at, door, text }: Line, { toldAt }: Story): boolean {
  if (door === 'doors') return at > toldAt - SILENT_DOORS.hoursBefore * HOUR;
  return door === 'linux' && at > toldAt - SILENT_HOST.hoursBefore * HOUR && text.includes(` ${SILENT_HOST.name} `);
}
