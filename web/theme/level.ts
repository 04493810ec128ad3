import { AlertTriangle, CircleAlert, CircleDot, Info, OctagonAlert } from 'lucide-react';
import type { Level } from '../../src/model/severity.ts';
import type { Look } from './look.ts';

export interface LevelLook extends Look {
  /** For marks in charts, which Mantine colors by shade. */
  readonly chart: string;
}

export const LEVEL_LOOK: Readonly<Record<Level, LevelLook>> = {
  critical: { word: 'Critical', icon: OctagonAlert, color: 'red', chart: 'red.8' },
  high: { word: 'High', icon: AlertTriangle, color: 'orange', chart: 'orange.7' },
  medium: { word: 'Medium', icon: CircleAlert, color: 'yellow', chart: 'yellow.6' },
  low: { word: 'Low', icon: CircleDot, color: 'blue', chart: 'blue.5' },
  informational: { word: 'Info', icon: Info, color: 'gray', chart: 'gray.5' },
};
