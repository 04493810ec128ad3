import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

/** CPU seconds (user and system) a process has used so far, from /proc/<pid>/stat; 0 when it is gone. */
export function cpuSeconds(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}

/** Resident memory in MiB: now, and the highest so far. */
export function residentMiB(pid: number): { readonly now: number; readonly peak: number } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const read = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
    return { now: read('VmRSS'), peak: read('VmHWM') };
  } catch {
    return { now: 0, peak: 0 };
  }
}

/** The upper bound of the bucket that holds the quantile of what a Prometheus histogram has gained between two looks; seconds. */
export function histogramQuantile(before: string, after: string, name: string, quantile: number): number {
  const was = bucketsOf(before, name);
  const gained = [...bucketsOf(after, name)].map(([le, count]) => ({ le, count: count - (was.get(le) ?? 0) }));
  const total = gained.at(-1)?.count ?? 0;
  return gained.find(({ count }) => count >= total * quantile)?.le ?? Number.NaN;
}

function bucketsOf(text: string, name: string): ReadonlyMap<number, number> {
  const found = [...text.matchAll(new RegExp(`^${name}_bucket\\{le="([^"]+)"\\} (\\d+)`, 'gm'))];
  return new Map(found.map(([, le, count]) => [le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le), Number(count)]));
}
