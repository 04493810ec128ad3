import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Peer {
  readonly child: ChildProcess;
  readonly output: string;
}

/** rsyslog on the same lines: imptcp, mmnormalize's CEF parser, a JSON file. It parses and writes; nothing becomes searchable. */
export async function startRsyslog(port: number): Promise<Peer> {
  const dir = mkdtempSync(join(tmpdir(), 'earshot-bench-rsyslog-'));
  const output = join(dir, 'out.json');
  writeFileSync(join(dir, 'cef.rulebase'), 'version=2\nrule=cef:%f:cef%\n');
  writeFileSync(
    join(dir, 'rsyslog.conf'),
    `global(workDirectory="${dir}" maxMessageSize="64k")
module(load="imptcp" threads="2")
module(load="mmnormalize")
template(name="json" type="list") {
  constant(value="{") property(name="timereported" dateFormat="rfc3339" format="jsonf" outname="@timestamp")
  constant(value=",") property(name="hostname" format="jsonf" outname="host")
  constant(value=",") property(name="syslogtag" format="jsonf" outname="tag")
  constant(value=",\\"cef\\":") property(name="$!all-json") constant(value="}\\n")
}
ruleset(name="in" queue.type="FixedArray" queue.size="200000" queue.workerThreads="2" queue.dequeueBatchSize="1024") {
  action(type="mmnormalize" ruleBase="${dir}/cef.rulebase")
  action(type="omfile" file="${output}" template="json" ioBufferSize="256k" flushOnTXEnd="off" asyncWriting="on")
}
input(type="imptcp" port="${port}" address="127.0.0.1" ruleset="in")
`,
  );
  const child = spawn('rsyslogd', ['-n', '-f', join(dir, 'rsyslog.conf'), '-i', join(dir, 'pid')], { stdio: 'inherit' });
  await sleep(1000);
  if (child.exitCode !== null) throw new Error(`rsyslogd ended with ${child.exitCode}`);
  return { child, output };
}
