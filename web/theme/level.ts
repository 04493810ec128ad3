import { AlertTriangle, CircleAlert, CircleDot, Info, type LucideIcon, OctagonAlert } from 'lucide-react';
import type { Level } from '../../src/model/severity.ts';

/** A severity as it is shown everywhere: a word, a sign and a colour, so that none of them carries it alone. */
export interface LevelLook {
  readonly word: string;
  readonly icon: LucideIcon;
  /** Name of a Mantine colour. */
  readonly color: string;
  /** For marks in charts, which Mantine colours by shade. */
  readonly chart: string;
}

export const LEVEL_LOOK: Readonly<Record<Level, LevelLook>> = {
  critical: { word: 'Critical', icon: OctagonAlert, color: 'red', chart: 'red.8' },
  high: { word: 'High', icon: AlertTriangle, color: 'orange', chart: 'orange.7' },
  medium: { word: 'Medium', icon: CircleAlert, color: 'yellow', chart: 'yellow.6' },
  low: { word: 'Low', icon: CircleDot, color: 'blue', chart: 'blue.5' },
  informational: { word: 'Info', icon: Info, color: 'gray', chart: 'gray.5' },
};
