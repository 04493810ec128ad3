// Microseconds per event of asking rules on the stream. Run: node bench/detect.bench.ts [folder of public rules]

import { existsSync } from 'node:fs';
import { loadRules } from '../src/detect/sigma/load.ts';
import type { Rule } from '../src/detect/sigma/rule.ts';
import type { Tree } from '../src/detect/sigma/tree.ts';
import type { Judged } from '../src/detect/stream/judged.ts';
import { compileRules, type RuleSetOptions } from '../src/detect/stream/rule-set.ts';
import { FieldSet } from '../src/model/field-set.ts';

const EVENTS = 200_000;
const ROUNDS = 7;

const PEOPLE = ['alice', 'bob', 'carol', 'dan', 'erin', 'frank', 'grace', 'heidi'];

/** A session of a privileged access product, as CEF is normalized. Values differ, so that nothing is found by identity. */
function cefEvent(i: number): Judged {
  const user = `${PEOPLE[i % PEOPLE.length]}${i % 97}`;
  const host = `db-${i % 53}.example.com`;
  const text = `<14>Nov 20 10:00:00 vault CEF:0|MT4|senhasegura|3.27.0-4|16|Session started|3|act=start suser=${user} src=192.0.2.${i % 250} spt=${40000 + (i % 9000)} dhost=${host} dst=198.51.100.${i % 200} dpt=22 duser=svc-backup app=ssh msg=A session to ${host} has been started cs1Label=Protocol cs1=SSH`;
  const fields = {
    'event.dataset': 'cef',
    'event.module': 'cef',
    'event.kind': 'event',
    'event.category': ['session'],
    'event.type': ['start'],
    'event.action': 'start',
    'event.code': '16',
    'event.severity': 3,
    'observer.vendor': 'MT4',
    'observer.product': 'senhasegura',
    'observer.version': '3.27.0-4',
    'cef.name': 'Session started',
    'user.name': user,
    'user.target.name': 'svc-backup',
    'source.ip': `192.0.2.${i % 250}`,
    'source.port': 40000 + (i % 9000),
    'destination.ip': `198.51.100.${i % 200}`,
    'destination.port': 22,
    'destination.domain': host,
    'network.protocol': 'ssh',
    'host.name': 'vault',
    'log.syslog.hostname': 'vault',
    'log.syslog.priority': 14,
    'log.syslog.severity.code': 6,
    'log.syslog.facility.code': 1,
    'cef.labels.protocol': 'SSH',
    message: `A session to ${host} has been started`,
    'related.user': [user, 'svc-backup'],
    'related.ip': [`192.0.2.${i % 250}`, `198.51.100.${i % 200}`],
    'related.hosts': ['vault', host],
  };
  return { fields: FieldSet.of(fields), text, timestamp: 1_795_000_000_000 + i, source: 'pam' };
}

/** A command run by sudo, as the Linux mapping gives it: no rule should fire. */
function sudoEvent(i: number): Judged {
  const user = `${PEOPLE[i % PEOPLE.length]}${i % 97}`;
  const command = `/usr/bin/systemctl status app-${i % 31}.service --no-pager`;
  const text = `<85>Nov 20 10:00:00 web-${i % 17} sudo: ${user} : TTY=pts/0 ; PWD=/home/${user} ; USER=deploy ; COMMAND=${command}`;
  const fields = {
    'event.dataset': 'linux.auth',
    'event.module': 'linux',
    'event.kind': 'event',
    'event.category': ['process'],
    'event.type': ['start'],
    'event.action': 'sudo_command',
    'event.outcome': 'success',
    'user.name': user,
    'user.effective.name': 'deploy',
    'process.name': 'sudo',
    'process.command_line': command,
    'process.executable': '/usr/bin/systemctl',
    'process.working_directory': `/home/${user}`,
    'linux.tty': 'pts/0',
    'host.name': `web-${i % 17}`,
    'log.syslog.appname': 'sudo',
    'log.syslog.hostname': `web-${i % 17}`,
    'log.syslog.priority': 85,
    message: `${user} : TTY=pts/0 ; PWD=/home/${user} ; USER=deploy ; COMMAND=${command}`,
    'related.user': [user, 'deploy'],
    'related.hosts': [`web-${i % 17}`],
  };
  return { fields: FieldSet.of(fields), text, timestamp: 1_795_000_000_000 + i, source: 'syslog' };
}

function measure(name: string, rules: readonly Rule[], events: readonly Judged[], options: RuleSetOptions = {}): void {
  const started = performance.now();
  const set = compileRules(rules, options);
  for (const event of events.slice(0, 5_000)) set.match(event);
  const ready = performance.now() - started;
  const rounds: number[] = [];
  let hits = 0;
  for (let round = 0; round < ROUNDS; round++) {
    // Time of the processor, not of the wall: neighbors on the machine disturb it less.
    const start = process.cpuUsage();
    for (const event of events) hits += set.match(event).length;
    const { user, system } = process.cpuUsage(start);
    rounds.push((user + system) / events.length);
  }
  rounds.sort((a, b) => a - b);
  const [least = 0] = rounds;
  const median = rounds[ROUNDS >> 1] ?? 0;
  const columns = [
    name.padEnd(52),
    `${rules.length} rules`.padStart(10),
    `median ${median.toFixed(2)}`,
    `best ${least.toFixed(2)} us/event`,
  ];
  console.log(`${columns.join('  ')}  hits/event ${(hits / events.length / ROUNDS).toFixed(4)}  ready ${ready.toFixed(0)} ms`);
}

/** The rule asking for other values: as many different rules for one log source as are wanted. */
function variant(rule: Rule, n: number): Rule {
  const change = (tree: Tree): Tree => {
    if (tree.kind === 'not') return { kind: 'not', child: change(tree.child) };
    if (tree.kind !== 'leaf') return { kind: tree.kind, children: tree.children.map(change) };
    if (tree.test.kind !== 'text') return tree;
    return { ...tree, test: { ...tree.test, pattern: tree.test.pattern.map((part) => (typeof part === 'string' ? `${part}${n}` : part)) } };
  };
  return { ...rule, id: `${rule.id}-${n}`, tree: change(rule.tree) };
}

const cef = Array.from({ length: EVENTS }, (_, i) => cefEvent(i));
const sudo = Array.from({ length: EVENTS }, (_, i) => sudoEvent(i));
const ours = loadRules('rules').rules;
const folder = process.argv[2] ?? '../shared/corpora/sigma/rules_selected';
const theirs = existsSync(folder) ? loadRules(folder).rules : [];
if (theirs.length === 0) console.log(`no public rules in ${folder}: only the shipped rules are measured`);

measure('shipped, CEF', ours, cef);
measure('shipped, sudo', ours, sudo);
const vault = ours.filter((rule) => rule.logsource.product === 'segura');
const hundred = Array.from({ length: 100 }, (_, i) => vault[i % vault.length]).flatMap((rule, i) => (rule ? [variant(rule, i)] : []));
measure('shipped for Segura, values changed, CEF', hundred, cef);
measure('shipped + public, CEF, routed', [...ours, ...theirs], cef);
measure('shipped + public, sudo, routed', [...ours, ...theirs], sudo);
measure('100 public, CEF, no routing', theirs.filter((_, i) => i % 6 === 0).slice(0, 100), cef, { routing: false });
measure('public, CEF, no routing', theirs, cef, { routing: false });
measure('public, sudo, no routing', theirs, sudo, { routing: false });
