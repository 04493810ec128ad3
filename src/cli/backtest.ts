import { existsSync, readFileSync } from 'node:fs';
import type { BacktestJson } from '../api/contract/backtests.ts';
import { CONFIG_OPTION, type Command, DATA_DIR_OPTION, GOOD, JSON_OPTION } from './command.ts';
import { openHub } from './hub-access.ts';
import { output, visible } from './output.ts';
import { rangeOf } from './time-options.ts';

export const backtest: Command = {
  name: 'backtest',
  summary: 'Says what a rule would have done in the past, before it is switched on.',
  operands: 'RULE',
  operandCount: [1, 1],
  options: {
    since: { type: 'string', value: 'TIME', describe: 'how far back: 24h, 30d, or a time (default 30d)' },
    until: { type: 'string', value: 'TIME', describe: 'up to when, in the same forms (default: now)' },
    json: JSON_OPTION,
    config: CONFIG_OPTION,
    'data-dir': DATA_DIR_OPTION,
  },
  examples: ['earshot backtest my-rule.yml --since 30d', 'earshot backtest linux_su_to_root_failed --since 7d --json | jq .alerts_per_day'],
  run: async (call) => {
    const [wanted = ''] = call.positionals;
    const rule = existsSync(wanted) ? { text: readFileSync(wanted, 'utf8') } : { rule: wanted };
    const range = rangeOf(call, Date.now(), '30d');
    const hub = await openHub(call, { mustExist: true });
    try {
      const tested = await hub.ask<BacktestJson>({ method: 'POST', path: '/api/backtests', body: { ...rule, ...range } });
      await output.print(call.flag('json') ? `${JSON.stringify(tested)}\n` : asText(tested));
      return GOOD;
    } finally {
      await hub.close();
    }
  },
};

const STOPPED: Readonly<Record<NonNullable<BacktestJson['stopped']>, string>> = {
  limit: 'it hits more than is looked at',
  timeout: 'the time for it was up',
  memory: 'the memory for it was used up',
};

function asText(tested: BacktestJson): string {
  const { rule, silent, stopped, searched_from: from, to } = tested;
  const lines = [
    `${rule.title} (${rule.name}, ${rule.level})`,
    ...(silent === undefined ? [] : [silent]),
    `${times(tested.events, 'event')} and ${times(tested.alerts, 'alert')} from ${from} to ${to}: ${perDay(tested.alerts_per_day)} alerts a day`,
    ...(stopped === undefined ? [] : [`The search ended at ${from}: ${STOPPED[stopped]}.`]),
    ...exactness(tested),
    ...tested.lists_of_today.map(listOfToday),
    ...table(
      'Day',
      tested.days.map(({ day, events, alerts }) => `${day}  ${times(events, 'event')}, ${times(alerts, 'alert')}`),
    ),
    ...table('Who', tested.users.map(counted)),
    ...table('Where', tested.hosts.map(counted)),
    ...table('From', tested.addresses.map(counted)),
    ...table(
      'Examples',
      tested.examples.map(({ event_id: id, timestamp, message }) => `${id}  ${timestamp}  ${message}`),
    ),
  ];
  return `${lines.map(visible).join('\n')}\n`;
}

const listOfToday = ({ name, since }: BacktestJson['lists_of_today'][number]): string =>
  since === undefined
    ? `${name}: no event says what the list was then, so the list of today was asked.`
    : `${name}: known as it was from ${since} on; before that, the list of today was asked.`;

const perDay = (alerts: number): string => (alerts === 0 ? '0' : alerts < 0.1 ? 'less than 0.1' : alerts.toFixed(1));

const counted = ({ value, count }: { readonly value: string; readonly count: number }): string => `${count}  ${value}`;

const exactness = ({ judged_again: again, exact }: BacktestJson): string[] =>
  again === 0
    ? []
    : [`SQL alone decided ${Math.floor(exact * 1000) / 10} % of the events that mattered; ${again} were judged again one by one.`];

const table = (title: string, rows: readonly string[]): string[] =>
  rows.length === 0 ? [] : ['', title, ...rows.map((row) => `  ${row}`)];

const times = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
