import { readdir, readFile, readlink } from 'node:fs/promises';

/**
 * Datagrams the kernel threw away because our socket's buffer was full, since the socket was opened; undefined where the system does not
 * tell (only Linux does). Found in /proc/net/udp and udp6 by the port, among the sockets that this process holds.
 */
export async function kernelDrops(port: number): Promise<number | undefined> {
  const [own, tables] = await Promise.all([ownSockets(), Promise.all(['udp', 'udp6'].map(table))]);
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = tables.flat().filter((row) => row.local.endsWith(suffix) && own.has(row.inode));
  return rows.length === 0 ? undefined : rows.reduce((sum, row) => sum + row.drops, 0);
}

interface Row {
  readonly local: string;
  readonly inode: string;
  readonly drops: number;
}

/** `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode ref pointer drops`. */
export function parseUdpTable(text: string): Row[] {
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns.length >= 13)
    .map((columns) => ({ local: columns[1] ?? '', inode: columns[9] ?? '', drops: Number(columns[12]) }));
}

async function table(name: string): Promise<Row[]> {
  return parseUdpTable(await readFile(`/proc/net/${name}`, 'latin1').catch(() => ''));
}

async function ownSockets(): Promise<Set<string>> {
  const descriptors = await readdir('/proc/self/fd').catch(() => []);
  const targets = await Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  return new Set(targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []));
}
