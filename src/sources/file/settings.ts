import { z } from 'zod';
import { DECODERS } from '../../decode/decoded.ts';

/** Settings of the file source: it follows files as they grow, through rotation, truncation and restarts. */
export const fileSettings = z.strictObject({
  type: z.literal('file').default('file').describe('Lines of files, as they are written.'),
  paths: z.array(z.string().min(1)).min(1).describe('Files to follow; * ? [] {} and ** as in a shell.'),
  exclude: z
    .array(z.string().min(1))
    .default(['**/*.{gz,zst,bz2,xz,zip}'])
    .describe('Files to leave alone. Rotated files should match `paths`, so that a restart finds them again.'),
  from: z
    .enum(['start', 'end'])
    .default('start')
    .describe('Where to begin in files that are there when the source starts for the first time. Later ones are read whole.'),
  datasets: z.array(z.string().min(1)).min(1).optional().describe('Datasets these files may speak for. Absent: any.'),
  decoder: z.enum(DECODERS).optional().describe('Decoder for all lines. Absent: the content decides.'),
  time_zone: z.string().min(1).optional().describe('IANA time zone of times that carry none. Absent: UTC.'),
  max_line_bytes: z
    .number()
    .int()
    .min(480)
    .max(16 * 1024 * 1024)
    .default(256 * 1024)
    .describe('Of a longer line the beginning is kept, marked as truncated.'),
  max_files: z.number().int().min(1).max(100_000).default(1000).describe('Files followed at a time; each is held open.'),
  poll_interval_ms: z
    .number()
    .int()
    .min(10)
    .max(60_000)
    .default(1000)
    .describe('How often files are looked at when the system tells of no change.'),
  refresh_interval_secs: z
    .number()
    .int()
    .min(1)
    .max(3600)
    .default(10)
    .describe('How often `paths` are searched again when the system tells of no change.'),
  rotate_wait_secs: z
    .number()
    .int()
    .min(0)
    .max(3600)
    .default(30)
    .describe('How long a file that was renamed out of `paths` or deleted is read on.'),
});
export type FileSettings = z.output<typeof fileSettings>;
