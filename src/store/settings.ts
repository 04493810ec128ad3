import { z } from 'zod';

const className = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,31}$/, 'a retention class is named in snake_case, up to 32 characters')
  .refine((name) => name !== 'default', 'the class `default` is set by default_days');

const days = z.number().int().min(1).max(36_500);

const retentionClass = z.strictObject({
  name: className.describe(
    'Name of the class, in snake_case. It is written into the stored events: rename it and old events keep the old name.',
  ),
  datasets: z
    .array(z.string().min(1))
    .min(1)
    .describe('Datasets of this class, such as `segura.pam`; `slack.*` takes all that begin with `slack.`.'),
  days: days.describe('How many days events of this class are kept.'),
});

export const RetentionSettings = z
  .strictObject({
    default_days: days.default(90).describe('How many days events are kept whose dataset is in no class.'),
    classes: z.array(retentionClass).max(64).default([]).describe('Datasets that are kept for a longer or shorter time.'),
  })
  .superRefine((retention, context) => {
    const names = new Set<string>();
    const owners = new Map<string, string>();
    retention.classes.forEach((one, i) => {
      if (names.has(one.name))
        context.addIssue({ code: 'custom', path: ['classes', i, 'name'], message: `two classes are named ${one.name}` });
      names.add(one.name);
      one.datasets.forEach((dataset, j) => {
        const owner = owners.get(dataset);
        if (owner !== undefined) {
          context.addIssue({ code: 'custom', path: ['classes', i, 'datasets', j], message: `${dataset} is in the class ${owner} already` });
        }
        owners.set(dataset, one.name);
      });
    });
  });

const DiskSettings = z
  .strictObject({
    warn_free_bytes: z
      .number()
      .int()
      .min(0)
      .default(5 * 1024 ** 3)
      .describe('Below this much free space under the data folder, a warning is given.'),
    min_free_bytes: z
      .number()
      .int()
      .min(0)
      .default(1024 ** 3)
      .describe(
        'Below this much free space under the data folder, nothing more is taken in, so that the engine can still merge and drop old days.',
      ),
  })
  .refine((disk) => disk.warn_free_bytes >= disk.min_free_bytes, {
    path: ['warn_free_bytes'],
    message: 'warn_free_bytes must not be below min_free_bytes: the warning has to come first',
  });

const EngineSettings = z.strictObject({
  max_memory_bytes: z
    .number()
    .int()
    .min(256 * 1024 ** 2)
    .default(600 * 1024 ** 2)
    .describe('Memory the embedded engine may track for queries, inserts and merges. Its process takes some 350 MiB more.'),
  insert_timeout_secs: z
    .number()
    .int()
    .min(1)
    .max(600)
    .default(60)
    .describe('How long one block may take to be stored before it is tried again.'),
});

export const StoreSettings = z.strictObject({
  retention: RetentionSettings.prefault({}).describe('How long events are kept.'),
  disk: DiskSettings.prefault({}).describe('What happens when the disk fills.'),
  engine: EngineSettings.prefault({}).describe('The embedded event engine.'),
});

export type Retention = z.output<typeof RetentionSettings>;
export type Disk = z.output<typeof DiskSettings>;
