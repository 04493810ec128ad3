import { type Logger, pino } from 'pino';
import type { LogSettings } from './settings.ts';

/** Earshot's own log on standard error: standard output is for results. */
export function createLogger({ level, format }: LogSettings): Logger {
  const text = format === 'text' || (format === 'auto' && process.stderr.isTTY);
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return text
    ? pino(options, { write: (line: string) => void process.stderr.write(toText(line)) })
    : pino(options, pino.destination({ fd: 2, sync: true }));
}

/** `01:02:03 WARN  message key="value"`. Values stay JSON, so that nothing in them can start a line. */
function toText(line: string): string {
  const { level, time, msg, ...about } = JSON.parse(line) as { level: string; time: string; msg?: string } & Record<string, unknown>;
  const rest = Object.entries(about).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
  return `${time.slice(11, 19)} ${level.toUpperCase().padEnd(5)} ${JSON.stringify(msg ?? '').slice(1, -1)}${rest.join('')}\n`;
}
