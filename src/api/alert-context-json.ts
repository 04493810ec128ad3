import type { z } from 'zod';
import type { SeenKind, SeenValue, TakenFiles, Whereabouts } from '../model/alert-context.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { AskedContext } from './alert-context.ts';
import type { alertContextEndpoint } from './contract/alert-context.ts';
import { part } from './part.ts';
import { aboutSubject, searchText } from './person.ts';
import { iso } from './time-range.ts';

type ContextJson = NonNullable<z.input<typeof alertContextEndpoint.answer>['context']>;

/** What was asked around an alert, as programs read it: a part that failed says why. */
export async function contextJson({ who, from, to, ...asked }: AskedContext, telemetry: Telemetry): Promise<ContextJson> {
  const [files, whereabouts, deeds] = await Promise.all([
    part('files of an alert', telemetry, asked.files.then(filesJson)),
    part('whereabouts of an alert', telemetry, asked.whereabouts.then(whereaboutsJson)),
    part(
      'deeds around an alert',
      telemetry,
      asked.deeds.then((all) => all.map(deedsJson)),
    ),
  ]);
  return { person: who.title, query: searchText(who, aboutSubject), from: iso(from), to: iso(to), files, whereabouts, deeds };
}

const filesJson = ({ total, different, files }: TakenFiles) => ({
  total,
  different,
  files: files.map(({ lastAt, channels, ...file }) => ({ ...file, channels: [...channels], last_at: iso(lastAt) })),
});

const whereaboutsJson = ({ addresses, programs, hosts }: Whereabouts) => ({
  addresses: kindJson(addresses),
  programs: kindJson(programs),
  hosts: kindJson(hosts),
});

const kindJson = ({ present, presentCount, newCount, usual }: SeenKind) => ({
  present: present.map(seenJson),
  present_count: presentCount,
  new_count: newCount,
  usual: usual.map(seenJson),
});

const seenJson = ({ value, before, beforeDays, within }: SeenValue) => ({ value, before, before_days: beforeDays, within });

const deedsJson = ({ dataset, count, actions, hosts, processes }: Awaited<AskedContext['deeds']>[number]) => ({
  dataset,
  count,
  actions: actions.map((each) => ({ ...each })),
  hosts: [...hosts],
  processes: [...processes],
});
