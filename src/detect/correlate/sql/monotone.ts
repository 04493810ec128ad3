import type { Correlation } from '../../sigma/correlation.ts';
import { alternativesOf } from '../temporal.ts';

/**
 * Whether what holds goes on to hold, whatever event is still to come: then it is told at once. A sum is taken for such; it may fall where
 * a number is below zero, see `TriggerSpan.mayFall`.
 */
export function isMonotone(correlation: Correlation): boolean {
  const { type, bounds } = correlation;
  const grows = bounds.every(({ op }) => op === 'gt' || op === 'gte');
  switch (type) {
    case 'value_avg':
    case 'value_percentile':
    case 'value_median':
      return false;
    case 'temporal':
    case 'temporal_ordered':
      return grows && (bounds.length > 0 || alternativesOf(correlation).every(({ absent }) => absent.length === 0));
    default:
      return grows;
  }
}
