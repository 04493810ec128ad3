import { parseXml, type XmlElement } from '../../formats/xml.ts';
import type { Importer, InputFile } from './imported.ts';
import { Notes } from './imported.ts';
import { writeWazuhRules } from './wazuh-documents.ts';
import { readWazuhRule, type WazuhRule } from './wazuh-rule.ts';

/** Rules of Wazuh 4. All files are read together, as rules refer to one another across them. */
export const importWazuh: Importer = (files, options) => {
  const notes = new Notes();
  const parsed = files.flatMap((file) => parse(file, notes));
  return { written: writeWazuhRules(collect(parsed, notes), options), notes: notes.all };
};

interface Parsed {
  readonly file: string;
  readonly element: XmlElement;
}

function parse({ file, text }: InputFile, notes: Notes): readonly Parsed[] {
  const parsed = parseXml(text);
  if (parsed.ok) return parsed.value.map((element) => ({ file, element }));
  const { line, column, reason } = parsed.error;
  notes.of(file, '').left(line, 'file', `XML, column ${column}: ${reason}`);
  return [];
}

/** The rules in order, by their ids. A rule that comes twice counts only with `overwrite`, as the newer one. */
function collect(parsed: readonly Parsed[], notes: Notes): ReadonlyMap<string, WazuhRule> {
  const named = new Map<string, string>();
  for (const { element } of everyElement(parsed, 'var')) named.set(element.attributes.get('name') ?? '', element.text);
  const rules = new Map<string, WazuhRule>();
  for (const { file, element, groups } of everyElement(parsed, 'rule')) {
    const id = element.attributes.get('id') ?? '';
    const ruleNotes = notes.of(file, id);
    const overwrites = element.attributes.get('overwrite') === 'yes';
    if (!/^\d{1,6}$/.test(id)) ruleNotes.left(element.line, 'rule', 'the id is not a number of up to six digits');
    else if (rules.has(id) && !overwrites)
      ruleNotes.left(element.line, 'rule', 'another rule has this id', 'Write overwrite="yes" where it is to replace the other.');
    else {
      const before = rules.get(id);
      before?.notes.changed(before.line, 'overwrite', `replaced by the rule in ${file}:${element.line}`);
      rules.set(id, readWazuhRule(element, groups, file, named, ruleNotes));
    }
  }
  noteOthers(parsed, notes);
  return rules;
}

/** Elements of a name at the top and in groups, with the names of the groups. */
function* everyElement(parsed: readonly Parsed[], name: string): Generator<Parsed & { readonly groups: readonly string[] }> {
  for (const { file, element } of parsed) {
    if (element.name === name) yield { file, element, groups: [] };
    if (element.name !== 'group') continue;
    const groups = (element.attributes.get('name') ?? '').split(/[\s,]+/).filter((word) => word !== '');
    for (const child of element.children) if (child.name === name) yield { file, element: child, groups };
  }
}

function noteOthers(parsed: readonly Parsed[], notes: Notes): void {
  for (const { file, element } of parsed) {
    const others = element.name === 'group' ? element.children : [element];
    for (const { name, line } of others) {
      if (name !== 'rule' && name !== 'var') notes.of(file, '').left(line, name, 'not a rule: decoders and settings are not read');
    }
  }
}
