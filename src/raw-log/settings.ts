import { z } from 'zod';

export const RawLogSettings = z.strictObject({
  max_bytes: z
    .int()
    .min(64 * 1024 * 1024)
    .default(10 * 1024 * 1024 * 1024)
    .describe('Bytes the raw log may take on disk while the engine does not take events. When it is nearly full, sources are held back.'),
});
export type RawLogSettings = z.output<typeof RawLogSettings>;
