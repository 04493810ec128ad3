import type { Decoded } from '../decode/decoded.ts';
import { toDocument } from '../model/document.ts';
import { toKept } from '../model/live-event.ts';
import { type Evaluated, evaluate } from '../pipeline/evaluator.ts';
import type { Settings } from '../settings.ts';
import { buildStages, readRuleFolders } from '../stages.ts';
import { byteLines } from './byte-lines.ts';
import { CONFIG_OPTION, type Command, DATA_DIR_OPTION, GOOD, JSON_OPTION } from './command.ts';
import { needConfiguration } from './configuration.ts';
import { enrichOf, placeholdersIn } from './enrichment.ts';
import { likelySource, namedSource, originOf } from './message-source.ts';
import { output, visible } from './output.ts';

const MAX_LINE_BYTES = 1024 * 1024;

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
    const { stages } = buildStages(
      settings,
      readRuleFolders(settings, await placeholdersIn(settings)).rules,
      undefined,
      await enrichOf(settings),
    );
    const print = call.flag('json') ? asJson : asText;
    let line = 0;
    for await (const { bytes, truncated } of byteLines(process.stdin, maxBytesOf(named, settings))) {
      line++;
      const source = named ?? likelySource(bytes);
      const origin = { ...originOf(source, settings), ...(truncated && { truncated }) };
      await output.print(
        print(line, source, evaluate(stages, settings.node, { seq: line, receivedAt: Date.now(), source, origin, bytes })),
      );
      if (output.closed) break;
    }
    return GOOD;
  },
};

/** Of a longer line the beginning is taken, as the source would. */
function maxBytesOf(source: string | undefined, { sources }: Settings): number {
  const settings = source === undefined ? undefined : sources[source];
  if (settings === undefined) return MAX_LINE_BYTES;
  if (settings.type === 'slack_audit') return settings.max_body_bytes;
  return settings.type === 'file' ? settings.max_line_bytes : settings.max_message_bytes;
}

function asJson(line: number, source: string, { event, decoded, fault }: Evaluated): string {
  const { hits } = event;
  const shown = {
    line,
    source,
    decoded: decoded === undefined ? null : shownDecoded(decoded),
    event: toDocument(toKept(event)),
    hits: hits.map(({ id, title, level }) => ({ id, title, level })),
    error: fault ?? null,
  };
  return `${JSON.stringify(shown)}\n`;
}

/** Without the whole text, which the event has as `event.original`. */
function shownDecoded({ text: _, ...decoded }: Decoded): object {
  return decoded;
}

function asText(line: number, source: string, { event, decoded, fault }: Evaluated): string {
  const out = [`${line}: ${source}, ${decoded?.format ?? 'not decoded'}${decoded?.notes.length ? ` (${decoded.notes.join(', ')})` : ''}`];
  out.push(`   @timestamp ${new Date(event.timestamp).toISOString()}`);
  for (const [field, value] of event.fields) out.push(`   ${field} ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  for (const hit of event.hits) {
    out.push(`   HIT ${hit.level}: ${hit.title}`);
    for (const { leaf, field, value } of hit.matches) out.push(`       ${leaf} (${field} is ${JSON.stringify(value)})`);
  }
  if (fault !== undefined) out.push(`   FAULT ${fault}`);
  return `${out.map(visible).join('\n')}\n`;
}
