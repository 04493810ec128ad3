/** How far back is looked for what is usual. */
export const USUAL_DAYS = 30;

/** Events in the days before an alert's first one. */
export interface AlertUsual {
  /** That its rule had hit. */
  readonly ruleEvents: number;
  /** Of the same group. */
  readonly groupEvents: number;
  /** Of the person whom its evidence names first, whatever else is in the group. */
  readonly person?: { readonly name: string; readonly ruleEvents: number } | undefined;
}

/** How unusual the alert is, as one sentence. The name stands in it as it is. */
export function usualText({ ruleEvents, groupEvents, person }: AlertUsual): string {
  if (ruleEvents === 0) return `The rule had matched nothing in ${USUAL_DAYS} days.`;
  if (person?.ruleEvents === 0) return `The first time for ${person.name} in ${USUAL_DAYS} days.`;
  if (groupEvents === 0) return 'The rule has matched before, but not this.';
  return groupEvents >= 10 ? 'This happens often.' : 'This has happened before.';
}
