import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import type { oneEventEndpoint } from '../api/contract/events.ts';
import { nearest } from '../config/nearest.ts';
import { baselineWords } from '../detect/baseline/words.ts';
import { explainWhy } from '../detect/explain.ts';
import type { Baseline } from '../detect/sigma/baseline.ts';
import type { Correlation } from '../detect/sigma/correlation.ts';
import { faultText } from '../detect/sigma/fault.ts';
import { type LoadedRules, loadPaths, membersOf, ruleFolder } from '../detect/sigma/load.ts';
import type { Rule } from '../detect/sigma/rule.ts';
import type { Silence } from '../detect/sigma/silence-document.ts';
import { leaves, type Tree } from '../detect/sigma/tree.ts';
import { silenceWords } from '../detect/silence/words.ts';
import type { Judged } from '../detect/stream/judged.ts';
import { parseJsonObject } from '../formats/json-object.ts';
import type { RuleHit } from '../model/detection.ts';
import type { Fields } from '../model/event.ts';
import type { Explanation } from '../model/explanation.ts';
import { FieldSet } from '../model/field-set.ts';
import type { Settings } from '../settings.ts';
import { readRuleFolders } from '../stages.ts';
import { byteLines } from './byte-lines.ts';
import { type Call, CONFIG_OPTION, type Command, DATA_DIR_OPTION, FAULTS, GOOD, JSON_OPTION, UsageError } from './command.ts';
import { needConfiguration } from './configuration.ts';
import { placeholdersIn, ruleOptions } from './enrichment.ts';
import { correlationLines, explanationLines, ruleLines, wordsLines } from './explain-text.ts';
import { openHub } from './hub-access.ts';
import { messageJudge } from './judge-message.ts';
import { rulePaths } from './match-rules.ts';
import { likelySource, namedSource } from './message-source.ts';
import { output, visible } from './output.ts';
import { rawEvent } from './raw-event.ts';

const MAX_LINE_BYTES = 1024 * 1024;

export const explainRule: Command = {
  name: 'explain',
  summary: 'Shows a rule as it is read; with an event, why the rule fires on it, or why not.',
  operands: 'RULE [EVENT]',
  operandCount: [1, 2],
  options: {
    source: {
      type: 'string',
      short: 's',
      value: 'NAME',
      describe: "of messages in a file: a configured source, or a source's type; without it the content decides",
    },
    raw: { type: 'boolean', describe: 'events of a file are JSON, and fields are as they are in event and rule: nothing is mapped to ECS' },
    rules: { type: 'string', short: 'r', value: 'PATH,…', describe: 'with RULE a file: files and folders of the rules that it refers to' },
    json: JSON_OPTION,
    config: CONFIG_OPTION,
    'data-dir': DATA_DIR_OPTION,
  },
  examples: [
    'earshot explain linux_su_to_root_failed',
    'earshot explain linux_su_to_root_failed 1-4711',
    "echo '<86>Nov 20 10:00:00 web01 su[11]: (to root) alice on pts/1' | earshot explain linux_su_to_root_failed -",
    'earshot explain my-rule.yml samples.log --json',
    'earshot explain sigma/proc_creation_win_x.yml --raw sysmon.ndjson',
  ],
  run: async (call) => {
    const { settings } = needConfiguration(call);
    const [wanted = '', event] = call.positionals;
    const found = await rulesOf(call, wanted, settings);
    if (found === undefined) return FAULTS;
    if (event === undefined) {
      await printAll(call, found);
      return GOOD;
    }
    const { correlations, baselines, silences } = found;
    if (correlations.length + baselines.length > 0)
      process.stderr.write('one event says nothing of a correlation or a baseline: the rules that it counts are explained\n');
    if (silences.length > 0) process.stderr.write('one event says nothing of silence, which is that none comes\n');
    for await (const asked of eventsOf(call, event, settings)) {
      for (const rule of [...found.rules, ...found.counted]) await explainOne(call, rule, asked);
      if (output.closed) break;
    }
    return GOOD;
  },
};

type Loaded = Pick<LoadedRules, 'rules' | 'correlations' | 'baselines' | 'silences'>;

interface Found extends Loaded {
  /** Rules that are not asked for, and that one of these counts. */
  readonly counted: readonly Rule[];
  /** Of what is counted, by id. */
  nameOf(id: string): string;
}

async function printAll(call: Call, { rules, correlations, baselines, silences, nameOf }: Found): Promise<void> {
  for (const rule of rules) await print(call, ruleJson(rule), ruleLines(rule));
  for (const each of correlations) await print(call, correlationJson(each), correlationLines(each, nameOf));
  for (const each of baselines) await print(call, baselineJson(each), wordsLines(each, baselineWords(each, nameOf)));
  for (const each of silences) await print(call, silenceJson(each), wordsLines(each, silenceWords(each)));
}

/** What is in a file, or what has a name; undefined where something is rejected, which is told. */
async function rulesOf(call: Call, wanted: string, settings: Settings): Promise<Found | undefined> {
  const running = existsSync(wanted) ? undefined : await runningRules(settings);
  const named = running && memberNamed(wanted, running);
  if (running !== undefined && named !== undefined && !call.flag('raw')) return foundIn(running, (each) => each.id === named.id);
  const path = named?.file ?? wanted;
  const folder = ruleFolder(path);
  if (folder === path) throw new UsageError(`${path} is a folder: explain takes one rule (a file, a name or an id)`);
  const more = call.text('rules');
  const loaded = loadPaths([path, ...(more === undefined ? [] : rulePaths(more))], {
    ...(await ruleOptions(settings)),
    ...(call.flag('raw') && { mapping: 'none' }),
  });
  const file = join(path);
  const rejected = loaded.rejected.filter((fault) => fault.file === file);
  for (const fault of rejected) await output.print(`${visible(faultText({ ...fault, file: path }))}\n`);
  if (rejected.length > 0) {
    const hint = missingHint(rejected, running ?? (await runningRules(settings)));
    if (hint !== undefined) process.stderr.write(`${visible(hint)}\n`);
    return undefined;
  }
  const found = foundIn(loaded, (each) => each.file === file && (named === undefined || each.id === named.id));
  const placed = <T extends Member>(all: readonly T[]): T[] => all.map((each) => ({ ...each, file: path }));
  const { rules, correlations, baselines, silences } = found;
  const shown = { rules: placed(rules), correlations: placed(correlations), baselines: placed(baselines), silences: placed(silences) };
  return { ...shown, counted: found.counted, nameOf: found.nameOf };
}

/** Where the rules are that a file counts and that were not read with it; undefined where nothing is missing. */
function missingHint(rejected: readonly { readonly reason: string }[], running: LoadedRules): string | undefined {
  const missing = rejected.flatMap(({ reason }) => /^the rule `(.+)` is not there$/.exec(reason)?.[1] ?? []);
  const files = missing.flatMap(
    (text) => membersOf(running).find(({ id, name }) => name === text || id === text.toLowerCase())?.file ?? [],
  );
  if (missing.length === 0) return undefined;
  return files.length === missing.length
    ? `what it counts is in other files: say -r ${[...new Set(files)].join(',')}`
    : `what it counts may be in other files: name them, or their folder, with -r PATH,…`;
}

type Member = ReturnType<typeof membersOf>[number];

function foundIn(all: Loaded, isWanted: (each: Member) => boolean): Found {
  const found = {
    rules: all.rules.filter(isWanted),
    correlations: all.correlations.filter(isWanted),
    baselines: all.baselines.filter(isWanted),
    silences: all.silences.filter(isWanted),
  };
  const ids = new Set([...found.correlations, ...found.baselines].flatMap(({ refs }) => refs.map(({ id }) => id)));
  // Each correlation comes after those it counts.
  for (const { id, refs } of all.correlations.toReversed()) if (ids.has(id)) for (const ref of refs) ids.add(ref.id);
  const names = new Map(membersOf(all).map(({ id, name }) => [id, name]));
  const counted = all.rules.filter((rule) => ids.has(rule.id) && !found.rules.includes(rule));
  return { ...found, counted, nameOf: (id) => names.get(id) ?? id };
}

const runningRules = async (settings: Settings): Promise<LoadedRules> => readRuleFolders(settings, await placeholdersIn(settings));

/** What the settings name, by its name or id. Throws {@link UsageError}. */
function memberNamed(wanted: string, loaded: LoadedRules): Member {
  const { rejected } = loaded;
  const all = membersOf(loaded);
  const found = all.find(({ name, id }) => name === wanted || id === wanted.toLowerCase());
  if (found !== undefined) return found;
  const fault = rejected.find(({ file }) => file.endsWith(`/${wanted}.yml`) || file.endsWith(`/${wanted}.yaml`));
  if (fault !== undefined) throw new UsageError(`the rule was rejected: ${faultText(fault)}`);
  const meant = nearest(
    wanted,
    all.map(({ name }) => name),
  );
  throw new UsageError(`there is no rule or file "${visible(wanted)}"${meant === undefined ? '' : `; did you mean ${meant}?`}`);
}

interface Asked {
  /** The event's id, or its line. */
  readonly event: string;
  readonly judged: Judged;
  /** The hits that the hub stored with it. */
  readonly hits?: readonly Pick<RuleHit, 'id' | 'version'>[];
}

async function* eventsOf(call: Call, event: string, settings: Settings): AsyncGenerator<Asked> {
  if (event !== '-' && !existsSync(event)) {
    if (!/^\d+-\d+$/.test(event)) throw new UsageError(`"${visible(event)}" is no file, and no id of an event (such as 1-4711)`);
    if (call.flag('raw')) throw new UsageError('--raw is for events of a file: a stored event is mapped already');
    yield await storedEvent(call, event);
    return;
  }
  const judge = call.flag('raw') ? rawJudge : await mappedJudge(call, settings);
  let line = 0;
  for await (const { bytes } of byteLines(event === '-' ? process.stdin : createReadStream(event), MAX_LINE_BYTES)) {
    line++;
    if (bytes.length > 0) yield { event: `line ${line}`, judged: judge(bytes, line) };
  }
}

async function mappedJudge(call: Call, settings: Settings): Promise<(bytes: Buffer) => Judged> {
  const named = namedSource(call, settings);
  const judge = await messageJudge(settings);
  return (bytes) => judge(bytes.toString('utf8'), named ?? likelySource(bytes), {});
}

/** As `earshot match --raw` sees it. */
function rawJudge(bytes: Buffer, line: number): Judged {
  const document = parseJsonObject(bytes.toString('utf8').trim());
  if (!document.ok) throw new UsageError(`line ${line}: ${document.error.message}; with --raw every line is a JSON object`);
  return rawEvent(document.value);
}

/** As it was stored: with the lists and people of the day it came. */
async function storedEvent(call: Call, id: string): Promise<Asked> {
  const hub = await openHub(call, { mustExist: true });
  try {
    const found = await hub.ask<z.output<typeof oneEventEndpoint.answer>>({ method: 'GET', path: `/api/events/${id}` });
    const fields = FieldSet.of(found.fields as Fields);
    const judged = { fields, text: found.original, timestamp: Date.parse(found.timestamp), source: found.source };
    return { event: id, judged, hits: found.hits };
  } finally {
    await hub.close();
  }
}

async function explainOne(call: Call, rule: Rule, { event, judged, hits }: Asked): Promise<void> {
  const explanation = explainWhy(rule, judged, { routing: !call.flag('raw') });
  const recorded = hits?.find(({ id }) => id === rule.id)?.version;
  const lines = explanationLines(rule, event, explanation);
  const json = { rule: headOf(rule), event, ...explanationJson(explanation), ...(hits && { recorded: recorded ?? null }) };
  await print(call, json, hits === undefined ? lines : [...lines, ...recordedLines(rule, explanation.fires, recorded)]);
}

/** Where the hub said otherwise when the event came. */
function recordedLines(rule: Rule, fires: boolean, recorded: string | undefined): string[] {
  if (recorded !== undefined && recorded !== rule.version)
    return [`When it came, version ${recorded} of the rule fired; this is ${rule.version}.`];
  if (recorded !== undefined) return fires ? [] : ['When it came, the rule fired: its log source or fields were read in another way then.'];
  return fires ? ['When it came, the rule did not fire: it was not there yet, or another version.'] : [];
}

const headOf = ({ id, name, version, title, level, file }: Member) => ({ id, name, version, title, level, file });

const explanationJson = ({ fires, logSource, tree, because }: Explanation) => ({ fires, log_source: logSource ?? null, tree, because });

function ruleJson(rule: Rule): object {
  const { description, status, author, logsource, tags, falsepositives, tree } = rule;
  const fields = [...new Set(leaves(tree).flatMap((leaf) => leaf.fields ?? []))];
  return {
    ...headOf(rule),
    description,
    status,
    author,
    logsource,
    /** Null: no event of Earshot is of the log source. */
    route: rule.route ?? null,
    fields,
    tags,
    falsepositives,
    next_steps: rule.nextSteps,
    group_by: rule.groupBy,
    tree: treeJson(tree),
  };
}

function correlationJson(correlation: Correlation): object {
  const { id, name, version, title, level, file, line, type, refs, groupNames, timespanMs, bounds, expression } = correlation;
  const head = { id, name, version, title, level, file, line, tags: correlation.tags, type, counts: refs.map((ref) => ref.id) };
  return { ...head, group_by: groupNames, timespan_secs: timespanMs / 1000, bounds, ...(expression && { expression }) };
}

function baselineJson(baseline: Baseline): object {
  const { measure, fieldNames, timeZone, against, factor, margin, orEqual, least, leastNorm, historyDays, leastDays, since, weekdays } =
    baseline;
  const every = typeof baseline.every === 'number' ? `${baseline.every / 60_000}m` : baseline.every;
  const bounds = { against, factor, margin, or_equal: orEqual, least, least_norm: leastNorm };
  const read = { measure, fields: fieldNames, every, time_zone: timeZone, ...bounds, since, weekdays };
  const head = { ...headOf(baseline), tags: baseline.tags, counts: baseline.refs.map(({ id }) => id), group_by: baseline.groupNames };
  return { ...head, ...read, history_days: historyDays, least_history_days: leastDays };
}

function silenceJson(silence: Silence): object {
  const { expectMs, times, leastMs, grace, learnMs, forgetMs, logsource, tree, groupBy } = silence;
  const learned = { grace, least_secs: leastMs / 1000, learn_secs: learnMs / 1000 };
  return {
    ...headOf(silence),
    tags: silence.tags,
    group_by: groupBy,
    ...(expectMs === undefined ? learned : { expect_secs: expectMs / 1000, times }),
    forget_secs: forgetMs / 1000,
    ...(logsource && { logsource }),
    ...(tree && { tree: treeJson(tree) }),
  };
}

function treeJson(tree: Tree): object {
  if (tree.kind === 'leaf') return { kind: 'leaf', label: tree.label, ...(tree.fields && { fields: tree.fields }) };
  return { kind: tree.kind, children: (tree.kind === 'not' ? [tree.child] : tree.children).map(treeJson) };
}

const print = (call: Call, json: object, lines: readonly string[]): Promise<void> =>
  output.print(call.flag('json') ? `${JSON.stringify(json)}\n` : `${lines.map(visible).join('\n')}\n`);
