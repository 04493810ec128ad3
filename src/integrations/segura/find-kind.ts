import type { Cef } from '../../formats/cef.ts';
import { KINDS, type Kind } from './kinds.ts';

/** A kind, and by what it was found. A message is the least to go by: some carry the text of another kind, and others write into it. */
export interface FoundKind {
  readonly kind: Kind;
  readonly by: 'id' | 'name' | 'action' | 'message';
  /** The message's id and its name are of two kinds; the id counts. */
  readonly isContradicted?: true;
}

const BY_ID: ReadonlyMap<string, Kind> = new Map(KINDS.flatMap((kind) => kind.ids.map((id) => [id, kind])));
const BY_NAME: ReadonlyMap<string, Kind> = new Map(KINDS.flatMap((kind) => kind.names.map((name) => [plain(name), kind])));
/** As the vendor writes them: the usual name costs one look-up. */
const BY_USUAL_NAME: ReadonlyMap<string, Kind> = new Map(KINDS.flatMap((kind) => kind.names.map((name) => [name, kind])));
const TALKING: readonly (readonly [RegExp, Kind])[] = KINDS.flatMap((kind) => (kind.says === undefined ? [] : [[kind.says, kind]]));

const LONGEST_NAME = 200;

function plain(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();
}

const kindNamed = (name: string | undefined): Kind | undefined =>
  name === undefined || name.length > LONGEST_NAME ? undefined : (BY_USUAL_NAME.get(name) ?? BY_NAME.get(plain(name)));

/** By the event id, then the name, then `act`, and only then by what the message says. */
export function kindOfCef({ classId, name, extension }: Cef): FoundKind | undefined {
  const byId = BY_ID.get(classId);
  const byName = kindNamed(name);
  if (byId !== undefined && byId.isBroad !== true) {
    const agrees = byName === undefined || byName === byId || byName.words.action === byId.words.action;
    return agrees ? { kind: byId, by: 'id' } : { kind: byId, by: 'id', isContradicted: true };
  }
  if (byName !== undefined && byName.isBroad !== true) return { kind: byName, by: 'name' };
  const byAction = kindNamed(extension.act ?? extension.deviceAction);
  if (byAction !== undefined) return { kind: byAction, by: 'action' };
  const broad = byId ?? byName;
  if (broad !== undefined) return { kind: broad, by: byId === undefined ? 'name' : 'id' };
  return kindOfMessage(extension.msg ?? extension.message);
}

/** The short form has neither id nor name. */
export const kindOfPairs = (text: string, pairs: Readonly<Record<string, string>>): FoundKind | undefined => {
  const byAction = kindNamed(pairs.act);
  return byAction === undefined ? (kindOfMessage(text) ?? kindOfMessage(pairs.msg)) : { kind: byAction, by: 'action' };
};

function kindOfMessage(message: string | undefined): FoundKind | undefined {
  const kind = message === undefined ? undefined : TALKING.find(([says]) => says.test(message))?.[1];
  return kind === undefined ? undefined : { kind, by: 'message' };
}
