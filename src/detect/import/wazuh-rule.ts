import type { XmlElement } from '../../formats/xml.ts';
import { parseAddress, parseNetwork } from '../sigma/cidr.ts';
import type { Logsource } from '../sigma/logsource.ts';
import { and, type Expression, isAll, item, not } from './expression.ts';
import type { RuleNotes } from './imported.ts';
import { ADDRESSES, DEFAULT_TYPES, dynamicField, eventsOfCategory, eventsOfDecoder, FIELDS, groupField } from './wazuh-fields.ts';
import { isPatternType, readPattern } from './wazuh-pattern.ts';

/** One `<rule>`, read by itself: what it says of other rules is not followed yet. */
export interface WazuhRule {
  readonly id: string;
  readonly file: string;
  readonly line: number;
  readonly level: number;
  readonly notes: RuleNotes;
  readonly title: string;
  readonly references: readonly string[];
  readonly techniques: readonly string[];
  readonly groups: readonly string[];
  /** Its own conditions. Undefined: one of them cannot be asked, and the notes say which. */
  readonly own: Expression | undefined;
  readonly logsource: Logsource | undefined;
  /** Rules of which one must have matched: `if_sid`. */
  readonly parents: readonly string[];
  /** Groups of which a rule must have matched: `if_group`. */
  readonly parentGroups: readonly string[];
  readonly counts: Counting | undefined;
  /** Whether it alerts: level 0 and `no_log` do not. */
  readonly alerts: boolean;
}

/** What a rule with `frequency` counts. */
export interface Counting {
  readonly frequency: number;
  readonly seconds: number;
  readonly sids: readonly string[];
  readonly groups: readonly string[];
  readonly same: readonly string[];
  readonly different: readonly string[];
  readonly allAgents: boolean;
}

/** Of an element that stands several times Wazuh makes one, joined without anything between. */
const JOINED = new Set(['match', 'regex', 'description', ...Object.keys(FIELDS)]);
/** Seconds, where a rule says none. */
const DEFAULT_TIMEFRAME = 360;
const TELLING = /^(options|ignore|check_if_ignored)$/;

/** Conditions without an equal. Without them a rule would mean something else, so it is not carried. */
const WITHOUT_EQUAL: Readonly<Record<string, readonly [why: string, mend: string]>> = {
  list: ['a CDB list is not read', 'Make a named list of it, and ask for `earshot.lists`; see docs/people.md.'],
  time: ['times of day are those of the manager', 'Write `@timestamp|hour`, which is in UTC, by hand.'],
  weekday: ['rules have no days of the week', 'Leave it out there and convert again, if the rule makes sense on every day.'],
  check_diff: ['compares with the output before', 'There is no rule of that kind.'],
  compiled_rule: ['is code', 'There is no rule of that kind.'],
  if_fts: ['needs a baseline: what was seen before. Rules have no baselines yet', 'There is no rule of that kind.'],
  if_level: ['asks for the level of any other rule', 'Name the rules with if_sid or if_group.'],
  if_matched_regex: ['counts events that no rule names', 'Make a rule of the expression, and count it with if_matched_sid.'],
  data: ['what the decoder called data has no place of its own here', 'Say it with match or field.'],
  extra_data: ['what the decoder called extra_data has no place of its own here', 'Say it with match or field.'],
  system_name: ['what the decoder called system_name has no place of its own here', 'Say it with match or field.'],
};

const words = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== '');

/** `named`: the variables of the files. */
export function readWazuhRule(
  element: XmlElement,
  groups: readonly string[],
  file: string,
  named: ReadonlyMap<string, string>,
  notes: RuleNotes,
): WazuhRule {
  return new RuleReader(element, groups, file, named, notes).read();
}

class RuleReader {
  readonly #element: XmlElement;
  readonly #groups: string[];
  readonly #file: string;
  readonly #named: ReadonlyMap<string, string>;
  readonly #notes: RuleNotes;
  readonly #conditions: Expression[] = [];
  readonly #addresses = new Map<string, { yes: string[]; no: string[] }>();
  readonly #references: string[] = [];
  readonly #techniques: string[] = [];
  readonly #parents: string[] = [];
  readonly #parentGroups: string[] = [];
  readonly #sids: string[] = [];
  readonly #matchedGroups: string[] = [];
  readonly #same: string[] = [];
  readonly #different: string[] = [];
  #title = '';
  #logsource: Logsource | undefined;
  #sound = true;
  #silent = false;
  #allAgents = false;

  constructor(element: XmlElement, groups: readonly string[], file: string, named: ReadonlyMap<string, string>, notes: RuleNotes) {
    this.#element = element;
    this.#groups = [...groups];
    this.#file = file;
    this.#named = named;
    this.#notes = notes;
  }

  read(): WazuhRule {
    for (const each of this.#joined()) this.#read(each);
    for (const [path, { yes, no }] of this.#addresses) {
      if (yes.length > 0) this.#conditions.push(item(`${path}|cidr`, ...yes));
      if (no.length > 0) this.#conditions.push(not(item(`${path}|cidr`, ...no)));
    }
    this.#attributes();
    const level = Number(this.#attribute('level') ?? 0);
    return {
      id: this.#attribute('id') ?? '',
      file: this.#file,
      line: this.#element.line,
      level,
      notes: this.#notes,
      title: this.#title,
      references: this.#references,
      techniques: this.#techniques,
      groups: this.#groups,
      own: this.#sound ? and(this.#conditions.filter((each) => !isAll(each))) : undefined,
      logsource: this.#logsource,
      parents: this.#parents,
      parentGroups: this.#parentGroups,
      counts: this.#counting(),
      alerts: level > 0 && !this.#silent,
    };
  }

  #joined(): readonly XmlElement[] {
    const joined = new Map<string, XmlElement>();
    const rest: XmlElement[] = [];
    for (const child of this.#element.children) {
      const before = joined.get(child.name);
      if (!JOINED.has(child.name)) rest.push(child);
      else joined.set(child.name, before === undefined ? child : { ...before, text: before.text + child.text });
    }
    return [...joined.values(), ...rest];
  }

  #read(child: XmlElement): void {
    const { name } = child;
    const text = this.#filled(child.text);
    const same = /^(same|different|not_same)_(.+)$/.exec(name);
    if (name === 'description') this.#title = text;
    else if (name === 'group') this.#groups.push(...words(text));
    else if (name === 'mitre') this.#techniques.push(...child.children.map((each) => each.text.trim()));
    else if (name === 'info') this.#info(child, text.trim());
    else if (name === 'if_sid') this.#parents.push(...words(text));
    else if (name === 'if_group') this.#parentGroups.push(...text.split(/[\s,|]+/).filter((word) => word !== ''));
    else if (name === 'if_matched_sid') this.#sids.push(...words(text));
    else if (name === 'if_matched_group') this.#matchedGroups.push(...words(text));
    else if (name === 'global_frequency') this.#allAgents = true;
    else if (same) this.#sameOrDifferent(child, same[1] ?? '', same[2] ?? '', text);
    else if (TELLING.test(name)) this.#option(child, text);
    else this.#condition(child, text);
  }

  #condition(child: XmlElement, text: string): void {
    const { name } = child;
    if (name === 'match' || name === 'regex') this.#pattern(child, text, undefined);
    else if (name === 'field') this.#field(child, text);
    else if (Object.hasOwn(ADDRESSES, name)) this.#address(child, text.trim(), ADDRESSES[name] ?? name);
    else if (name === 'decoded_as') this.#decoder(child, text.trim());
    else if (name === 'category') this.#category(child, text.trim());
    else if (Object.hasOwn(FIELDS, name)) {
      const { path = name, loosely } = FIELDS[name] ?? {};
      if (loosely)
        this.#notes.changed(
          child.line,
          name,
          `taken for the field \`${path}\``,
          'Decoders differ: compare with an event of yours (earshot try).',
        );
      this.#pattern(child, text, path);
    } else {
      const [why, mend] = (Object.hasOwn(WITHOUT_EQUAL, name) ? WITHOUT_EQUAL[name] : undefined) ?? [
        'an element that is not known here',
        'Say it with match, regex or field.',
      ];
      this.#refuse(child, why, mend);
    }
  }

  #pattern(child: XmlElement, text: string, target: string | undefined): undefined {
    const type = child.attributes.get('type') ?? DEFAULT_TYPES[child.name] ?? 'osmatch';
    if (!isPatternType(type))
      return this.#refuse(child, `there is no type \`${type}\` of patterns`, 'There are osmatch, osregex and pcre2.');
    const read = readPattern(text, type, target);
    if (!read.ok) return this.#refuse(child, read.error, 'Write it so that RE2 can: without look-around and back-references.');
    this.#conditions.push(child.attributes.get('negate') === 'yes' ? not(read.value) : read.value);
  }

  #field(child: XmlElement, text: string): undefined {
    const name = child.attributes.get('name');
    if (name === undefined) return this.#refuse(child, 'the field has no name', 'Write <field name="…">.');
    const path = dynamicField(name);
    if (path !== name) this.#notes.changed(child.line, `field ${name}`, `taken for the field \`${path}\``);
    this.#pattern(child, text, path);
  }

  #address(child: XmlElement, text: string, path: string): undefined {
    const opposite = text.startsWith('!') !== (child.attributes.get('negate') === 'yes');
    const written = text.replace(/^!/, '');
    const address = parseAddress(written);
    const network = address === undefined ? written : `${written}/${written.includes(':') ? 128 : 32}`;
    if (!parseNetwork(network).ok) return this.#refuse(child, `\`${text}\` is no address or network`, 'Write 192.0.2.7 or 192.0.2.0/24.');
    const both = this.#addresses.get(path) ?? { yes: [], no: [] };
    this.#addresses.set(path, both);
    (opposite ? both.no : both.yes).push(network);
  }

  #decoder(child: XmlElement, name: string): void {
    const { expression, logsource, doubt } = eventsOfDecoder(name);
    this.#conditions.push(expression);
    this.#logsource = logsource ?? this.#logsource;
    if (doubt !== undefined) this.#notes.changed(child.line, 'decoded_as', ...doubt);
  }

  #category(child: XmlElement, name: string): undefined {
    // Windows' own channel comes to Wazuh as events of itself; the decoder says what they are.
    if (name === 'ossec' && this.#element.children.some((each) => each.name === 'decoded_as')) return;
    const events = eventsOfCategory(name);
    if (events === undefined)
      return this.#refuse(child, `the category \`${name}\` is of events that do not come here`, 'Write rules for what sends them.');
    this.#logsource = events.logsource ?? this.#logsource;
  }

  #sameOrDifferent(child: XmlElement, which: string, name: string, text: string): undefined {
    const fields = name === 'field' || name === 'fields' ? words(text).map(dynamicField) : [groupField(name)];
    const known = fields.filter((field) => field !== undefined);
    if (known.length < fields.length || known.length === 0)
      return this.#refuse(child, `\`${child.name}\` names no field that is known here`, 'Write same_field with the name of a field.');
    (which === 'same' ? this.#same : this.#different).push(...known);
  }

  #option(child: XmlElement, text: string): void {
    if (child.name === 'options' && words(text).includes('no_log')) this.#silent = true;
    if (child.name === 'options' && words(text).every((word) => word === 'no_full_log' || word === 'no_log')) return;
    this.#notes.left(
      child.line,
      child.name,
      `\`${text.trim()}\`: who is told and how often is no part of a rule here`,
      'Write it under `routes` and `notifiers` in the settings.',
    );
  }

  #info(child: XmlElement, text: string): void {
    const type = child.attributes.get('type') ?? 'text';
    if (/^https?:\/\//.test(text)) this.#references.push(text);
    else this.#references.push(type === 'cve' ? `CVE-${text}` : text);
  }

  #attributes(): void {
    const known = ['id', 'level', 'frequency', 'timeframe', 'ignore', 'noalert', 'overwrite', 'maxsize'];
    for (const name of this.#element.attributes.keys()) {
      if (!known.includes(name))
        this.#notes.left(
          this.#element.line,
          name,
          'an attribute that is not known here',
          'See whether the rule means the same without it.',
        );
    }
    if (/^(1|yes)$/.test(this.#attribute('noalert') ?? '')) this.#silent = true;
    if (this.#attribute('ignore') !== undefined)
      this.#notes.left(
        this.#element.line,
        'ignore',
        'how often one is told is no part of a rule here',
        'Hits close together become one alert by themselves.',
      );
    if (this.#attribute('maxsize') !== undefined)
      this.#refuse(
        { ...this.#element, name: 'maxsize' },
        'rules do not ask for the length of a message',
        'Use a regular expression such as ^.{300,}.',
      );
  }

  #counting(): Counting | undefined {
    const counted = this.#sids.length > 0 || this.#matchedGroups.length > 0;
    const frequency = this.#attribute('frequency');
    if (!counted && frequency === undefined && this.#same.length + this.#different.length === 0) return undefined;
    const count = Number(frequency ?? 2);
    const seconds = Number(this.#attribute('timeframe') ?? DEFAULT_TIMEFRAME);
    const whole = (number: number, least: number, most: number): boolean => Number.isInteger(number) && number >= least && number <= most;
    if (!counted || !whole(count, 1, 9999) || !whole(seconds, 1, 99_999)) {
      this.#refuse(
        { ...this.#element, name: 'frequency' },
        'counting needs if_matched_sid or if_matched_group, a frequency up to 9999 and a timeframe up to 99999',
        'Wazuh would refuse it too.',
      );
      return undefined;
    }
    return {
      frequency: count,
      seconds,
      sids: this.#sids,
      groups: this.#matchedGroups,
      same: [...new Set(this.#same)],
      different: [...new Set(this.#different)],
      allAgents: this.#allAgents,
    };
  }

  #attribute(name: string): string | undefined {
    const value = this.#element.attributes.get(name);
    return value === undefined ? undefined : this.#filled(value).trim();
  }

  /** Fills in `$NAME`. A name without a variable stays: in patterns `$` has a meaning of its own. */
  #filled(text: string): string {
    return text.replace(/\$([A-Za-z_][A-Za-z0-9_]*)/g, (whole, name: string) => this.#named.get(name) ?? whole);
  }

  #refuse(child: XmlElement, why: string, mend: string): undefined {
    this.#sound = false;
    this.#notes.left(child.line, child.name, why, mend);
  }
}
