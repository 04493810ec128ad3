// A receiver to be killed: RELP in, one line per message in a file that is synced before the acknowledgement. Run by senders.test.ts.
import { open } from 'node:fs/promises';
import type { Intake, RawBatch } from '../../src/model/record.ts';
import { syslogSettings } from '../../src/sources/syslog/settings.ts';
import { startSyslogSource } from '../../src/sources/syslog/syslog-source.ts';
import { silent } from '../../src/telemetry/telemetry.ts';

const [port = '0', path = ''] = process.argv.slice(2);
const file = await open(path, 'a');
let writing: Promise<unknown> = Promise.resolve();

const intake: Intake = {
  open: true,
  whenOpen: async () => undefined,
  async append({ messages }: RawBatch) {
    const turn = writing.then(async () => {
      await file.appendFile(messages.map((message) => `${message.toString('utf8')}\n`).join(''));
      await file.datasync();
    });
    writing = turn;
    await turn;
    process.send?.({ stored: messages.length });
    return { firstSeq: 1, count: messages.length, duplicate: false };
  },
};

await startSyslogSource({
  name: 'receiver',
  settings: syslogSettings.parse({ udp: false, tcp: false, relp: { listen: `127.0.0.1:${port}` } }),
  intake,
  telemetry: silent,
  now: Date.now,
});
process.send?.({ ready: true });
process.on('disconnect', () => process.exit());
