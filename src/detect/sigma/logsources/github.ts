import { dataset, type LogSource } from '../logsource.ts';
import { snakeUnder } from './under.ts';

/** GitHub's audit log as Elastic's integration sends it. */
export const GITHUB: readonly LogSource[] = [
  { product: 'github', route: dataset('github.audit'), open: true },
  {
    product: 'github',
    service: 'audit',
    route: [],
    fields: { action: 'event.action', actor: ['user.name', 'github.actor'] },
    others: snakeUnder('github'),
  },
];
