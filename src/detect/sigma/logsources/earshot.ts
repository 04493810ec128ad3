import { has, type LogSource } from '../logsource.ts';

export const EARSHOT: readonly LogSource[] = [{ product: 'earshot', route: [has('event.module', 'earshot')] }];
