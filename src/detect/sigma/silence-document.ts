import type { RuleInfo } from '../../model/detection.ts';
import { Attributes } from './attributes.ts';
import { readDetection } from './detection.ts';
import type { Faults } from './fault.ts';
import { type Head, readCare, readHead } from './head.ts';
import { versionOf } from './identity.ts';
import { type Logsource, logsourceText, type Route } from './logsource.ts';
import { readReferences } from './reference.ts';
import type { ReadOptions } from './rule.ts';
import { parseTimespan } from './timespan.ts';
import type { Tree } from './tree.ts';
import { attribute, entries, isMap, isScalar, type Node, scalarText, type YAMLMap } from './yaml-document.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What is watched where a document says a word instead of fields. */
const WATCHED = {
  source: ['earshot.source'],
  dataset: ['event.dataset'],
  host: ['host.name'],
  all: [],
} as const satisfies Readonly<Record<string, readonly string[]>>;

const KEYS = ['of', 'expect', 'times', 'least', 'grace', 'learn', 'forget'];
/** They say how to learn, and mean nothing where nothing is learned. */
const LEARNING_KEYS = ['least', 'grace', 'learn'];
const DEFAULTS = { leastMs: 30 * MINUTE, grace: 2, learnMs: 3 * DAY, forgetMs: 14 * DAY } as const;
const MOST_GRACE = 100;
/** The moment of each is kept, for each key. */
const MOST_TIMES = 1_000;
const DIGITS = 12;

/** How long what is watched may be silent. Milliseconds. */
export interface SilenceTerms {
  /** Undefined: it is learned from what was heard. */
  readonly expectMs: number | undefined;
  /** So many events within `expectMs` are no silence; 1 where it is learned. */
  readonly times: number;
  /** Learned, it is at least this much. */
  readonly leastMs: number;
  /** So many times the longest silence that was heard. */
  readonly grace: number;
  /** So much must have been heard before anything is told. */
  readonly learnMs: number;
  /** After so much silence it is given up: nobody watches it any more until it speaks again. */
  readonly forgetMs: number;
}

/** A silence document: it tells of what used to speak and does not any more. */
export interface Silence extends RuleInfo, Head, SilenceTerms {
  readonly file: string;
  readonly line: number;
  /** `<id>@<hash of what is heard>`: what was learned is kept under it, whatever becomes of texts and bounds. */
  readonly identity: string;
  /** Which events count; undefined: those of every log source. */
  readonly logsource: Logsource | undefined;
  /** Empty: those of every log source. */
  readonly route: Route;
  /** Undefined: all of them. */
  readonly tree: Tree | undefined;
  /** For each of `groupBy`, the paths to try. An event without one of the values is not heard. */
  readonly paths: readonly (readonly string[])[];
}

/** Reads one document. `name`: Earshot's name of it. Undefined: it is rejected, and `faults` says why. */
export function readSilence(name: string, map: YAMLMap, faults: Faults, options: ReadOptions): Silence | undefined {
  const before = faults.found.length;
  const read = new Attributes(map, faults);
  const head = readHead(read, name, map, faults);
  const care = readCare(read.earshot(['next_steps', 'maturity'] as const), faults);
  const heard = readHeard(map, faults, options);
  const node = attribute(map, 'silence');
  if (!isMap(node)) return faults.add(node ?? map, '`silence` is a map with `of`: source, dataset, host, all, or a list of fields');
  for (const { key, keyNode } of entries(node, faults))
    if (!KEYS.includes(key)) faults.add(keyNode, `\`silence.${key}\` is not known: there are ${KEYS.join(', ')}`);
  const groupBy = readOf(node, faults);
  const terms = readTerms(node, faults);
  if (faults.found.length > before || groupBy === undefined) return undefined;
  const { logsource, route, tree, pathsOf } = heard;
  const paths = groupBy.map((field) => [...pathsOf(field)]);
  const { line } = faults.place(map);
  const identity = `${head.id}@${versionOf(decides({ logsource, tree, paths })).slice(0, DIGITS)}`;
  return { ...head, ...care, ...terms, version: head.document, groupBy, paths, file: faults.file, line, identity, logsource, route, tree };
}

/** A label says where a part of the logic is from. It decides nothing. */
const decides = (heard: Pick<Silence, 'logsource' | 'tree' | 'paths'>): string =>
  JSON.stringify(heard, (key, value: unknown) => (key === 'label' ? undefined : value));

/** Both may be missing: then every event counts. */
function readHeard(map: YAMLMap, faults: Faults, { placeholders, mapping, logSources }: ReadOptions) {
  const read = new Attributes(map, faults);
  const taxonomy = read.taxonomy(mapping) ?? 'sigma';
  const logsource = map.has('logsource') ? read.logsource() : undefined;
  const route = logsource === undefined ? [] : logSources.routeOf(logsource);
  if (logsource !== undefined && route === undefined)
    faults.add(attribute(map, 'logsource'), `nothing is ever heard: no event of Earshot is of ${logsourceText(logsource)}`);
  const pathsOf = logSources.fieldPaths(taxonomy, logsource ?? {});
  const detection = attribute(map, 'detection');
  if (!map.has('detection')) return { logsource, route: route ?? [], tree: undefined, pathsOf };
  const tree = isMap(detection)
    ? readDetection(detection, { faults, placeholders, fieldPaths: pathsOf })
    : faults.add(detection ?? map, '`detection` is a map');
  return { logsource, route: route ?? [], tree, pathsOf };
}

function readOf(map: YAMLMap, faults: Faults): readonly string[] | undefined {
  const node = attribute(map, 'of');
  if (node === undefined) return faults.add(map, '`of` is missing: source, dataset, host, all, or a list of fields');
  if (!isScalar(node)) return readReferences(node, '`of`', faults)?.map(({ text }) => text);
  const word = scalarText(node) ?? '';
  if (Object.hasOwn(WATCHED, word)) return WATCHED[word as keyof typeof WATCHED];
  return faults.add(node, '`of` is source, dataset, host, all, or a list of fields, such as [event.dataset, host.name]');
}

function readTerms(map: YAMLMap, faults: Faults): SilenceTerms {
  const expectMs = readExpect(map, faults);
  if (expectMs !== undefined)
    for (const key of LEARNING_KEYS)
      if (map.has(key)) faults.add(attribute(map, key) ?? map, `\`${key}\` is for what is learned, and \`expect\` says a time`);
  const terms = {
    expectMs,
    times: readTimes(map, expectMs, faults),
    leastMs: readSpan(map, 'least', faults) ?? DEFAULTS.leastMs,
    grace: readGrace(map, faults),
    learnMs: readSpan(map, 'learn', faults) ?? DEFAULTS.learnMs,
    forgetMs: readSpan(map, 'forget', faults) ?? Math.max(DEFAULTS.forgetMs, 2 * (expectMs ?? 0)),
  };
  const least = expectMs ?? terms.leastMs;
  if (terms.forgetMs <= least)
    faults.add(attribute(map, 'forget') ?? map, 'nothing would ever be told: it is forgotten before it has been silent for too long');
  return terms;
}

function readExpect(map: YAMLMap, faults: Faults): number | undefined {
  const node = attribute(map, 'expect');
  if (node === undefined || scalarText(node) === 'learned') return undefined;
  const span = parseTimespan(scalarText(node) ?? '');
  return span.ok ? span.value : faults.add(node, '`expect` is `learned`, or a number and one of s, m, h, d, w: `90m`');
}

function readSpan(map: YAMLMap, key: string, faults: Faults): number | undefined {
  const node = attribute(map, key);
  if (node === undefined) return undefined;
  const span = parseTimespan(scalarText(node) ?? '');
  return span.ok ? span.value : faults.add(node, `\`${key}\` is a number and one of s, m, h, d, w: \`90m\``);
}

function readTimes(map: YAMLMap, expectMs: number | undefined, faults: Faults): number {
  const node: Node | undefined = attribute(map, 'times');
  if (node === undefined) return 1;
  const value: unknown = isScalar(node) ? node.value : undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > MOST_TIMES)
    faults.add(node, `\`times\` is a whole number from 1 to ${MOST_TIMES}: so many events within \`expect\``);
  else if (expectMs !== undefined) return value;
  else faults.add(node, '`times` needs a time in `expect`: so many events within it');
  return 1;
}

function readGrace(map: YAMLMap, faults: Faults): number {
  const node: Node | undefined = attribute(map, 'grace');
  if (node === undefined) return DEFAULTS.grace;
  const value: unknown = isScalar(node) ? node.value : undefined;
  if (typeof value === 'number' && value >= 1 && value <= MOST_GRACE) return value;
  faults.add(node, `\`grace\` is a number from 1 to ${MOST_GRACE}: so many times the longest silence that was usual`);
  return DEFAULTS.grace;
}
