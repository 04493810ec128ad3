import type { FieldCatalogue } from '../../detect/sigma/coverage.ts';
import { RECEIVED } from '../../detect/sigma/tree.ts';
import { MAPPINGS } from '../../integrations/index.ts';
import { ACT_FIELD } from '../../model/act.ts';
import { ECS_OBJECTS, ecsField } from '../../model/ecs.ts';
import type { Mapping } from '../../normalize/mapping.ts';
import { compileTemplate } from '../../normalize/template.ts';
import type { Settings } from '../../settings.ts';

/** What decoders keep of a payload that no table knows: any name may be there. */
const KEPT = ['json', 'key_value', 'cef', 'leef'] as const;

/** What Earshot itself says of an event. */
const OWN = [
  '@timestamp',
  RECEIVED,
  ACT_FIELD,
  'earshot.audit.*',
  'earshot.claimed_dataset',
  'earshot.unread_timestamp',
  'earshot.listed',
  'earshot.lists',
  'earshot.source.lists',
  'earshot.user.lists',
  'earshot.person.active',
  'earshot.person.department',
  'earshot.person.id',
  'earshot.person.leaving',
  'earshot.person.leaving_date',
  'earshot.person.manager',
  'earshot.person.name',
  'earshot.person.privileged',
  'earshot.person.title',
] as const;

const HOURS = ['earshot.time.hour', 'earshot.time.weekday'] as const;

/**
 * The fields that events of this configuration may have. All of ECS is among them, as a sender may speak ECS itself; a name that is
 * nowhere else needs a table.
 */
export function fieldCatalogue({ enrich, rules }: Pick<Settings, 'enrich' | 'rules'>): FieldCatalogue {
  const configured = rules.log_sources.flatMap(({ when, fields }) => [...Object.keys(when), ...Object.values(fields).flat()]);
  const written = new Set<string>([
    ...OWN,
    ...(enrich.time_zone === undefined ? [] : HOURS),
    ...configured,
    ...MAPPINGS.flatMap((mapping) => writtenBy(mapping)),
  ]);
  const free = [...KEPT, ...[...written].filter((path) => path.endsWith('.*')).map((path) => path.slice(0, -2))];
  const parents = new Set([...written].flatMap(parentsOf));
  const isFree = (path: string): boolean => free.some((each) => path === each || path.startsWith(`${each}.`));
  const isWritten = (path: string): boolean => written.has(path) || ecsField(path) !== undefined;
  return {
    has(asked) {
      const path = asked.replace(/\[\d+\]/g, '');
      if (parents.has(path) || ECS_OBJECTS.has(path) || isFree(path)) return true;
      // A map in an array: `targets.name` is in what `targets` is.
      return [path, ...parentsOf(path)].some(isWritten);
    },
    mendOf: (path) => (HOURS.some((each) => each === path) ? ': set `enrich.time_zone`, so that events have local hours' : undefined),
  };
}

function writtenBy({ messages = [], fields = {}, reader, cef, records }: Mapping): readonly string[] {
  const rows = messages.flatMap(({ form, set = {} }) => {
    const template = compileTemplate(form);
    return [...(template.ok ? template.value.places.map(({ name }) => name) : []), ...Object.keys(set)];
  });
  return [...rows, ...Object.values(fields), ...(reader?.writes ?? []), ...(cef?.writes ?? []), ...(records?.writes ?? [])];
}

function parentsOf(path: string): string[] {
  const parents: string[] = [];
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) parents.push(path.slice(0, dot));
  return parents;
}
