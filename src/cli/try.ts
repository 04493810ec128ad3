import { createInterface } from 'node:readline';
import type { Decoded } from '../decode/decoded.ts';
import { toDocument } from '../model/document.ts';
import type { Origin } from '../model/record.ts';
import { type Evaluated, evaluate } from '../pipeline/evaluator.ts';
import { type Settings, SOURCE_TYPES } from '../settings.ts';
import { buildStages, readRuleFolders } from '../stages.ts';
import { type Call, CONFIG_OPTION, type Command, DATA_DIR_OPTION, GOOD, JSON_OPTION, UsageError } from './command.ts';
import { needConfiguration } from './configuration.ts';

const ORIGIN: Origin = { transport: 'file' };

export const tryOut: Command = {
  name: 'try',
  summary: 'Reads messages, one a line, and shows what each becomes: decoded, ECS event, rules that match. Nothing is stored.',
  operandCount: [0, 0],
  options: {
    source: {
      type: 'string',
      short: 's',
      value: 'NAME',
      describe: "a configured source, or a source's type; without it the content decides",
    },
    json: JSON_OPTION,
    config: CONFIG_OPTION,
    'data-dir': DATA_DIR_OPTION,
  },
  examples: [
    "echo '<86>Nov 21 10:00:00 web01 sshd[812]: Failed password for root from 192.0.2.7 port 4022 ssh2' | earshot try",
    'earshot try --source syslog --json < samples.log',
  ],
  run: async (call) => {
    const { settings } = needConfiguration(call);
    const named = namedSource(call, settings);
    const { stages } = buildStages(settings, readRuleFolders(settings).rules);
    const print = call.flag('json') ? printJson : printText;
    let line = 0;
    for await (const bytes of linesOf(process.stdin)) {
      line++;
      const source = named ?? likelySource(bytes);
      const record = { seq: line, receivedAt: Date.now(), source, origin: ORIGIN, bytes };
      print(line, source, evaluate(stages, settings.node, record));
    }
    return GOOD;
  },
};

/** A source's type needs no configuration to be tried. */
function namedSource(call: Call, settings: Settings): string | undefined {
  const name = call.text('source');
  if (name === undefined || name in settings.sources || SOURCE_TYPES.includes(name)) return name;
  const known = [...new Set([...Object.keys(settings.sources), ...SOURCE_TYPES])];
  throw new UsageError(`there is no source "${name}"; known: ${known.join(', ')}`);
}

/** JSON comes over HTTP, all else over syslog, unless somebody says. */
const likelySource = (bytes: Buffer): string => (bytes.toString('latin1').trimStart().startsWith('{') ? 'http' : 'syslog');

/** Lines as bytes, so that what is no UTF-8 stays what it is. */
async function* linesOf(input: NodeJS.ReadableStream): AsyncGenerator<Buffer> {
  for await (const line of createInterface({ input: input.setEncoding('latin1'), crlfDelay: Number.POSITIVE_INFINITY })) {
    yield Buffer.from(line, 'latin1');
  }
}

function printJson(line: number, source: string, { event, decoded, fault }: Evaluated): void {
  const { hits } = event;
  const shown = {
    line,
    source,
    decoded: decoded === undefined ? null : shownDecoded(decoded),
    event: toDocument(event),
    hits: hits.map(({ id, title, level }) => ({ id, title, level })),
    error: fault ?? null,
  };
  process.stdout.write(`${JSON.stringify(shown)}\n`);
}

/** Without the whole text, which the event has as `event.original`. */
function shownDecoded({ text: _, ...decoded }: Decoded): object {
  return decoded;
}

function printText(line: number, _source: string, { event, decoded, fault }: Evaluated): void {
  const out = [`${line}: ${decoded?.format ?? 'not decoded'}${decoded?.notes.length ? ` (${decoded.notes.join(', ')})` : ''}`];
  out.push(`   @timestamp ${new Date(event.timestamp).toISOString()}`);
  for (const [field, value] of Object.entries(event.fields))
    out.push(`   ${field} ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  for (const hit of event.hits) {
    out.push(`   HIT ${hit.level}: ${hit.title}`);
    for (const { leaf, field, value } of hit.matches) out.push(`       ${leaf} (${field} is ${JSON.stringify(value)})`);
  }
  if (fault !== undefined) out.push(`   FAULT ${fault}`);
  process.stdout.write(`${out.join('\n')}\n`);
}
