import { connect } from 'node:net';
import { eventually, type HubProcess } from './hub-process.ts';

/** What harms where a page, a table, a message or a header takes it for its own language. The word `owned` must never come to life. */
export const HOSTILE: readonly string[] = [
  '<img src=x onerror="window.owned=1">',
  '"><script>window.owned=1</script>',
  'javascript:window.owned=1',
  '=HYPERLINK("http://192.0.2.66/","owned")',
  '<!channel> <@U0000000> *owned*',
  '{{constructor.constructor("window.owned=1")()}}',
  '\u202Edeno\u202C owned',
];

const when = (minutesAgo: number): string => new Date(Date.now() - minutesAgo * 60_000).toISOString();

/** Lines of a vault and of Linux hosts of the last hours: viewed passwords, sessions, refused and allowed commands; some hostile throughout. */
export function consoleLines(): string[] {
  const lines: string[] = [];
  const people = ['alice', 'bob', 'carol', 'dave', 'erin'];
  for (let i = 0; i < 300; i++) {
    const user = people[i % people.length] ?? '';
    const at = when(i * 4);
    const host = `web0${i % 4}`;
    lines.push(
      `<86>1 ${at} ${host} sshd ${800 + i} - - Accepted publickey for ${user} from 192.0.2.${i % 40} port ${40000 + i} ssh2: ED25519 SHA256:abc`,
    );
    if (i % 3 === 0) lines.push(`<86>1 ${at} ${host} sshd ${800 + i} - - Failed password for root from 198.51.100.${i % 9} port 4022 ssh2`);
    if (i % 40 === 0)
      lines.push(
        `<85>1 ${at} ${host} sudo - - - ${user} : user NOT in sudoers ; TTY=pts/0 ; PWD=/home/${user} ; USER=root ; COMMAND=/bin/bash`,
      );
    if (i % 5 === 0)
      lines.push(
        `<13>1 ${at} vault01 Segura - - - CEF:0|MT4|Segura|3.32.0|1|Password Viewed|5|dhost=db0${i % 3}.example.com dst=198.51.100.7 duser=${i % 60 === 0 ? 'root' : 'app_ro'} suser=${user} sname=${user} src=192.0.2.${i % 40} msg=Password viewed by user ${user}`,
      );
  }
  HOSTILE.forEach((text, i) => {
    const value = text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('=', '\\=');
    lines.push(
      `<13>1 ${when(i)} vault01 Segura - - - CEF:0|${value}|${value}|${value}|1|${value}|5|suser=${value} duser=${value} dhost=${value} request=${value} requestClientApplication=${value} fname=${value} msg=${value} cs1=${value} cs1Label=${value}`,
      `<85>1 ${when(i)} ${'h'.repeat(3)} sudo - - - ${text.replaceAll(' ', '_')} : user NOT in sudoers ; TTY=pts/0 ; PWD=/home ; USER=root ; COMMAND=${text}`,
    );
  });
  return lines;
}

/** Sends the lines and waits until they are found. */
export async function feed(hub: HubProcess, lines: readonly string[]): Promise<void> {
  const socket = connect(hub.ports.syslog, '127.0.0.1');
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.end(`${lines.join('\n')}\n`, resolve);
  });
  await eventually(async () => {
    const { json } = await hub.get('/api/events/histogram?from=now-30d&buckets=2');
    return (json as { total: number }).total >= lines.length;
  });
}
