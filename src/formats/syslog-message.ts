import type { Zone } from './time-zone.ts';

/** A syslog header and what follows it (RFC 5424, or RFC 3164 as the field sends it). */
export interface SyslogMessage {
  readonly form: 'rfc5424' | 'rfc3164';
  /** 0 to 23; absent where no PRI was sent. */
  readonly facility?: number;
  /** 0 to 7. */
  readonly severity?: number;
  readonly version?: number;
  /** Milliseconds since the epoch; absent when missing, or impossible. */
  readonly timestamp?: number;
  /** The time as it was written. */
  readonly timestampText?: string;
  readonly hostname?: string;
  readonly appName?: string;
  readonly procId?: string;
  readonly msgId?: string;
  /** By SD-ID, then by parameter name; the last of equal names wins. */
  readonly structuredData?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly message: string;
}

/** What both forms need to read the rest of a header. */
export interface SyslogContext {
  readonly receivedAt: number;
  readonly zone: Zone;
  /** PRIVAL, facility * 8 + severity; undefined where none was sent. */
  readonly pri: number | undefined;
}
