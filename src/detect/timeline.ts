import type { Evaluate, TimelineCase, TimelineStep } from './rule-test.ts';
import type { Judged } from './stream/judged.ts';

/** When a timeline begins does not matter to correlations; a Monday morning is as good as any. */
const BEGIN = Date.UTC(2026, 0, 5, 9);

/** The events of a timeline, each at its own moment, whatever time its message says. */
export const eventsOfTimeline = ({ timeline }: TimelineCase, evaluate: Evaluate): Judged[] =>
  timeline.flatMap((step) => eventsOfStep(step, evaluate));

/** When a timeline is over: as it says, else with its last event. */
export const endOfTimeline = ({ ends }: TimelineCase, events: readonly Judged[]): number =>
  ends === undefined ? events.reduce((last, { timestamp }) => Math.max(last, timestamp), BEGIN) : BEGIN + ends;

const eventsOfStep = ({ at, raw, source, looked_up: looked, times, every = 0 }: TimelineStep, evaluate: Evaluate): Judged[] =>
  Array.from({ length: times }, (_, i) => ({
    ...evaluate(raw.replaceAll('{n}', `${i + 1}`), source, looked),
    timestamp: BEGIN + at + i * every,
  }));
