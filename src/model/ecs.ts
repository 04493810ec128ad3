import { ECS_CATALOGUE } from './ecs-catalogue.gen.ts';
import { type EcsType, TYPE_LETTERS } from './ecs-types.ts';

export interface EcsField {
  readonly type: EcsType;
  /** ECS says that the value is an array, even when there is one value. */
  readonly array: boolean;
}

const isLetter = (letter: string): letter is keyof typeof TYPE_LETTERS => Object.hasOwn(TYPE_LETTERS, letter);

/** Reads front-coded lines: `2k* name` shares two segments with the line before, and is an array of keywords. */
function readCatalogue(text: string): Map<string, EcsField> {
  const fields = new Map<string, EcsField>();
  let before: string[] = [];
  for (const line of text.trim().split('\n')) {
    const blank = line.indexOf(' ');
    const shared = Number(line[0]);
    const letter = line[1] ?? '';
    if (!isLetter(letter)) continue;
    before = [...before.slice(0, shared), ...line.slice(blank + 1).split('.')];
    fields.set(before.join('.'), { type: TYPE_LETTERS[letter], array: line[2] === '*' });
  }
  // Filebeat's name for the peer that sent a line; not in ECS itself, and what every syslog dashboard of the field asks for.
  fields.set('log.source.address', { type: 'keyword', array: false });
  return fields;
}

/** The whole of ECS by dotted path, with `log.source.address` of Filebeat. */
export const ECS_FIELDS: ReadonlyMap<string, EcsField> = readCatalogue(ECS_CATALOGUE);

function parentsOf(names: Iterable<string>): Set<string> {
  const parents = new Set<string>();
  for (const name of names) {
    for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) parents.add(name.slice(0, dot));
  }
  return parents;
}

/** Paths that have fields below them, such as `user`: never a value themselves. */
export const ECS_OBJECTS: ReadonlySet<string> = parentsOf(ECS_FIELDS.keys());

const FREE: EcsField = { type: 'keyword', array: false };
const COORDINATE: EcsField = { type: 'double', array: false };

/** The ECS field of a path, also below an object whose keys are free (`labels.team`, `log.syslog.structured_data.a.b`); undefined: not ECS. */
export function ecsField(path: string): EcsField | undefined {
  const field = ECS_FIELDS.get(path);
  if (field !== undefined) return field;
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const parent = path.slice(0, dot);
    const above = ECS_FIELDS.get(parent);
    if (above === undefined) continue;
    if (above.type === 'geo_point') return path === `${parent}.lat` || path === `${parent}.lon` ? COORDINATE : undefined;
    return above.type === 'flattened' || (above.type === 'object' && !ECS_OBJECTS.has(parent)) ? FREE : undefined;
  }
  return undefined;
}
