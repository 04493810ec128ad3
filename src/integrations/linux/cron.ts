import type { EventWords, Mapping } from '../../normalize/mapping.ts';
import { pam } from './pam.ts';

const command: EventWords = { action: 'cron_command', category: ['process'], type: ['start'] };
const crontab = (action: string, type: EventWords['type'][number]): EventWords => ({
  action,
  category: ['configuration'],
  type: [type],
  outcome: 'success',
});

/** cron of Vixie, cronie and systemd-cron, and `crontab`. `(alice) REPLACE (bob)`: alice replaced bob's. */
export const cron: Mapping = {
  product: 'linux',
  dataset: 'linux.cron',
  appliesTo: { programs: ['cron', 'crond', 'crontab', 'anacron', 'atd', 'fcron'] },
  reader: pam,
  messages: [
    { form: '({user.name}) CMD ({process.command_line~})', event: command },
    { form: '({user.name}) REPLACE ({user.target.name})', event: crontab('crontab_replaced', 'change') },
    { form: '({user.name}) DELETE ({user.target.name})', event: crontab('crontab_deleted', 'deletion') },
    { form: '({user.name}) BEGIN EDIT ({user.target.name})', event: crontab('crontab_edit_started', 'access') },
    { form: '({user.name}) END EDIT ({user.target.name})', event: crontab('crontab_edit_ended', 'access') },
    { form: '({user.name}) LIST ({user.target.name})', event: crontab('crontab_listed', 'access') },
    { form: '({user.name}) RELOAD ({-~})', event: crontab('crontab_reloaded', 'change') },
    {
      form: '({user.name}) AUTH ({event.reason~})',
      event: { ...crontab('crontab_refused', 'access'), outcome: 'failure' },
    },
  ],
};
