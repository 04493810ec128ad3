import { existsSync } from 'node:fs';
import { faultText } from '../detect/sigma/fault.ts';
import { type LoadedRules, type LoadOptions, loadPaths } from '../detect/sigma/load.ts';
import type { Result } from '../lib/result.ts';
import { logSourcesOf } from '../log-source-settings.ts';
import { type Settings, settingsSchema } from '../settings.ts';
import { type Call, CONFIG_OPTION, type Command, FAULTS, GOOD, JSON_OPTION, UsageError } from './command.ts';
import { needConfiguration } from './configuration.ts';
import { placeholdersIn } from './enrichment.ts';
import { episodeAsJson, episodeAsText, MatchCorrelations, unusualAsJson, unusualAsText } from './match-correlations.ts';
import { type NumberedLine, numberedLines } from './match-input.ts';
import { type Judge, mappedJudge, rawJudge, type Seen } from './match-judge.ts';
import { isFor, logsourceOf, rulePaths } from './match-rules.ts';
import { output, visible } from './output.ts';

/** As much as a hub takes of one message. */
const MAX_LINE_BYTES = 1024 * 1024;

export const match: Command = {
  name: 'match',
  summary:
    'Says which rules match which events: NDJSON in, one line out for each, then what correlations and baselines find. Nothing is stored.',
  operands: '[FILE…]',
  operandCount: [0, Number.POSITIVE_INFINITY],
  options: {
    rules: { type: 'string', short: 'r', value: 'PATH,…', describe: 'rule files, and folders of them' },
    lists: { type: 'string', value: 'DIR', describe: "folder of named lists for `expand` (default: the configuration's lists)" },
    raw: { type: 'boolean', describe: 'fields as they are in the event and in the rule; nothing is mapped to ECS' },
    logsource: {
      type: 'string',
      value: 'K=V,…',
      describe: 'only rules that may be for this product=…, category=…, service=…',
    },
    json: JSON_OPTION,
    config: CONFIG_OPTION,
  },
  examples: [
    'earshot match --rules rules --json < events.ndjson',
    'earshot match --rules sigma/rules --raw --logsource product=windows,category=process_creation --json sysmon.ndjson.gz',
  ],
  run: async (call) => {
    // Raw events need no configuration, so a faulty one that lies about is none of theirs.
    const settings = call.flag('raw') && call.text('config') === undefined ? undefined : needConfiguration(call).settings;
    const loaded = rulesOf(call, await readingOf(call, settings));
    const judge = call.flag('raw') || settings === undefined ? rawJudge(loaded) : await mappedJudge(loaded, settings);
    const correlations = new MatchCorrelations(loaded.correlations, loaded.baselines);
    const print = call.flag('json') ? asJson : asText;
    let faults = 0;
    const onFault = (file: string, error: unknown) => {
      faults++;
      process.stderr.write(`${file}: ${error instanceof Error ? error.message : String(error)}\n`);
    };
    for await (const lines of numberedLines({ files: call.positionals, maxLineBytes: MAX_LINE_BYTES, onFault })) {
      let out = '';
      for (const line of lines) {
        if (isBlank(line.bytes)) continue;
        const seen = judgeLine(line, judge);
        if (seen.ok) correlations.add(line.line, seen.value);
        else faults++;
        out += print(line.line, seen);
      }
      if (out !== '') await output.print(out);
      if (output.closed) break;
    }
    await printFound(correlations, call.flag('json'));
    return faults > 0 ? FAULTS : GOOD;
  },
};

async function printFound(correlations: MatchCorrelations, json: boolean): Promise<void> {
  if (output.closed) return;
  for (const episode of correlations.episodes()) await output.print(json ? episodeAsJson(episode) : episodeAsText(episode));
  for (const unusual of correlations.unusual()) await output.print(json ? unusualAsJson(unusual) : unusualAsText(unusual));
  const { untimed } = correlations;
  if (untimed > 0)
    process.stderr.write(
      `${untimed} ${untimed === 1 ? 'event takes' : 'events take'} part in no correlation: no @timestamp that can be read\n`,
    );
}

/** What the rules are read with: lists, and log sources where fields are mapped. */
async function readingOf(call: Call, settings: Settings | undefined): Promise<LoadOptions> {
  const lists = call.text('lists');
  if (lists !== undefined && !existsSync(lists)) throw new UsageError(`--lists: there is no folder ${lists}`);
  const from = lists === undefined ? settings : settingsSchema.parse({ lists: { folders: [lists] } });
  const placeholders = from === undefined ? undefined : await placeholdersIn(from);
  const named = placeholders === undefined ? {} : { placeholders };
  return call.flag('raw') || settings === undefined ? { ...named, mapping: 'none' } : { ...named, logSources: logSourcesOf(settings) };
}

/** Rules that were rejected are told, and the others run; where there are no others, nothing can be said of any event. */
function rulesOf(call: Call, reading: LoadOptions): LoadedRules {
  const path = call.text('rules');
  if (path === undefined) throw new UsageError('--rules PATH is missing: a rule file, or a folder of them');
  const given = call.text('logsource');
  const logsource = given === undefined ? {} : logsourceOf(given);
  const loaded = loadPaths(rulePaths(path), reading);
  for (const told of [...loaded.rejected, ...loaded.lints]) process.stderr.write(`${faultText(told)}\n`);
  if (loaded.rules.length === 0) throw new UsageError(`--rules: no rule of ${path} can be used`);
  const rules = loaded.rules.filter((rule) => isFor(rule, logsource));
  if (rules.length === 0) process.stderr.write(`no rule of ${path} is for --logsource ${given}\n`);
  return { ...loaded, rules };
}

const BLANK: ReadonlySet<number | undefined> = new Set([0x20, 0x09, 0x0d]);
const isBlank = (bytes: Buffer): boolean => bytes.length === 0 || (BLANK.has(bytes[0]) && bytes.every((byte) => BLANK.has(byte)));

const judgeLine = ({ line, bytes, truncated }: NumberedLine, judge: Judge): Result<Seen, string> =>
  truncated ? { ok: false, error: `longer than ${MAX_LINE_BYTES} bytes` } : judge(line, bytes);

function asJson(line: number, seen: Result<Seen, string>): string {
  if (!seen.ok) return `${JSON.stringify({ line, rules: [], error: seen.error })}\n`;
  const { hits } = seen.value;
  return hits.length === 0 ? `{"line":${line},"rules":[]}\n` : `${JSON.stringify({ line, rules: hits.map(({ id }) => id) })}\n`;
}

/** People see only what there is to see. */
function asText(line: number, seen: Result<Seen, string>): string {
  if (!seen.ok) return `${line}: not read: ${visible(seen.error)}\n`;
  return seen.value.hits.map(({ level, title, id }) => `${line}: ${level}: ${visible(title)} (${id})\n`).join('');
}
