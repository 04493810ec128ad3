import { LEVELS, type Level } from '../../model/severity.ts';

/** What an alert of each level adds to the risk figure: one that is critical weighs as much as thirty that are low. */
export const RISK_WEIGHTS: Readonly<Record<Level, number>> = { informational: 0, low: 1, medium: 3, high: 10, critical: 30 };

/** One number for how risky a time was: its alerts, each weighted by its level. */
export const riskOf = (alerts: Readonly<Record<Level, number>>): number =>
  LEVELS.reduce((sum, level) => sum + RISK_WEIGHTS[level] * alerts[level], 0);

export const countOf = (alerts: Readonly<Record<Level, number>>): number => LEVELS.reduce((sum, level) => sum + alerts[level], 0);
