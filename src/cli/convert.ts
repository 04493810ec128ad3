import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { importElastalert } from '../detect/import/elastalert.ts';
import type { Imported, Importer, ImportOptions, InputFile, Note } from '../detect/import/imported.ts';
import { importPanther } from '../detect/import/panther.ts';
import { yamlOf } from '../detect/import/rule-document.ts';
import { importWazuh } from '../detect/import/wazuh.ts';
import type { Logsource } from '../detect/sigma/logsource.ts';
import { EarshotError } from '../lib/errors.ts';
import { type Call, type Command, FAULTS, GOOD, JSON_OPTION, listOf, UsageError } from './command.ts';
import { output, visible } from './output.ts';

const IMPORTERS: Readonly<Record<string, Importer>> = { elastalert: importElastalert, wazuh: importWazuh, panther: importPanther };
const TOOLS = Object.keys(IMPORTERS);

export const convert: Command = {
  name: 'convert',
  summary: 'Turns rules of another tool into rules of ours, and says of each what was carried and what could not be.',
  operands: 'FILE…',
  operandCount: [1, Number.POSITIVE_INFINITY],
  options: {
    from: { type: 'string', value: 'TOOL', describe: `whose rules they are: ${TOOLS.join(', ')}` },
    out: { type: 'string', short: 'o', value: 'DIR', describe: 'writes a file for each rule there (default: all to standard output)' },
    logsource: { type: 'string', value: 'KEY=…', describe: 'log source of all rules, such as product=linux,service=sshd' },
    json: { ...JSON_OPTION, describe: 'the rules and the report, one JSON object a line on standard output' },
  },
  examples: [
    'earshot convert --from elastalert --out rules/ours /etc/elastalert/rules/*.yaml',
    'earshot convert --from wazuh --out rules/ours /var/ossec/ruleset/rules/*.xml /var/ossec/etc/rules/*.xml',
    'earshot convert --from elastalert --json rule.yaml',
  ],
  run: async (call) => {
    const tool = call.text('from') ?? '';
    const importer = Object.hasOwn(IMPORTERS, tool) ? IMPORTERS[tool] : undefined;
    if (importer === undefined) throw new UsageError(`--from takes ${TOOLS.join(', ')}`);
    const imported = importer(call.positionals.map(readInput), optionsOf(call));
    const kept = keepFiles(imported, call.text('out'));
    await (call.flag('json') ? printJson(imported, kept) : printText(imported, kept, call.text('out')));
    const lost = imported.notes.some(({ outcome, part }) => outcome === 'left' && (part === 'rule' || part === 'file'));
    return lost || kept.length > 0 ? FAULTS : GOOD;
  },
};

function readInput(file: string): InputFile {
  try {
    return { file, text: readFileSync(file, 'utf8') };
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function optionsOf(call: Call): ImportOptions {
  const text = call.text('logsource');
  if (text === undefined) return {};
  const logsource: { -readonly [key in keyof Logsource]: string } = {};
  for (const part of listOf(text)) {
    const [key, value] = part.split('=');
    if ((key !== 'product' && key !== 'category' && key !== 'service') || value === undefined || value === '')
      throw new UsageError('--logsource takes product=…, category=…, service=…, separated by commas');
    logsource[key] = value.toLowerCase();
  }
  if (Object.keys(logsource).length === 0) throw new UsageError('--logsource is empty');
  return { logsource };
}

/** Writes the files. Returns those that are there already and say something else: somebody has worked on them. */
function keepFiles({ written }: Imported, out: string | undefined): readonly string[] {
  if (out === undefined) return [];
  try {
    mkdirSync(out, { recursive: true });
    return written.flatMap(({ name, documents }) => {
      const path = join(out, `${name}.yml`);
      const text = yamlOf(documents);
      if (existsSync(path)) return readFileSync(path, 'utf8') === text ? [] : [path];
      writeFileSync(path, text);
      return [];
    });
  } catch (error) {
    throw new EarshotError('EAR_OUTPUT', `${out}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

async function printJson({ written, notes }: Imported, kept: readonly string[]): Promise<void> {
  for (const { name, documents } of written) {
    const ids = documents.map(({ id }) => id);
    await output.print(`${JSON.stringify({ type: 'rules', file: `${name}.yml`, ids, yaml: yamlOf(documents) })}\n`);
  }
  for (const note of notes) await output.print(`${JSON.stringify({ type: 'note', ...note })}\n`);
  for (const file of kept) await output.print(`${JSON.stringify({ type: 'kept', file, why: KEPT })}\n`);
}

const KEPT = 'is there already and says something else; it was not touched';

async function printText({ written, notes }: Imported, kept: readonly string[], out: string | undefined): Promise<void> {
  if (out === undefined) await output.print(written.map(({ documents }) => yamlOf(documents)).join('---\n'));
  for (const note of notes) process.stderr.write(`${noteText(note)}\n`);
  for (const file of kept) process.stderr.write(`${file} ${KEPT}\n`);
  const carried = notes.filter(({ outcome }) => outcome === 'carried').length;
  const lost = notes.filter(({ outcome, part }) => outcome === 'left' && part === 'rule').length;
  process.stderr.write(`${carried} rules carried, ${lost} not; ${written.length} files${out === undefined ? '' : ` for ${out}`}\n`);
}

const OUTCOMES = { carried: 'carried', changed: 'carried otherwise', left: 'NOT CARRIED' } as const;

function noteText({ file, line, rule, outcome, part, why, mend }: Note): string {
  const subject = rule === '' ? '' : ` ${rule}:`;
  return visible(`${file}:${line}:${subject} ${part} ${OUTCOMES[outcome]}: ${why}${mend === undefined ? '' : `. ${mend}`}`);
}
