import { Bell, CircleCheck, type LucideIcon, MoonStar, UserRoundCheck } from 'lucide-react';
import { ALERT_STATES, type AlertState, RESOLUTIONS, type Resolution } from '../../../src/model/alert-life.ts';

export const STATE_LOOK: Readonly<Record<AlertState, { readonly word: string; readonly icon: LucideIcon }>> = {
  open: { word: 'Open', icon: Bell },
  acknowledged: { word: 'Acknowledged', icon: UserRoundCheck },
  snoozed: { word: 'Snoozed', icon: MoonStar },
  resolved: { word: 'Resolved', icon: CircleCheck },
};

export const RESOLUTION_WORDS: Readonly<Record<Resolution, { readonly word: string; readonly about: string }>> = {
  true_positive: { word: 'True positive', about: 'It was what the rule looks for, and it mattered.' },
  false_positive: { word: 'False positive', about: 'It was not what the rule looks for: the rule should be mended.' },
  benign: { word: 'Benign', about: 'It was what the rule looks for, and it did no harm.' },
  expected: { word: 'Expected', about: 'It was agreed on before: a change, a drill, a test.' },
};

export const isState = (text: string | null): text is AlertState => ALERT_STATES.some((state) => state === text);
export const isResolution = (text: string): text is Resolution => RESOLUTIONS.some((resolution) => resolution === text);
