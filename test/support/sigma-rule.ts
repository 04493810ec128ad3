import { faultText } from '../../src/detect/sigma/fault.ts';
import { readRules } from '../../src/detect/sigma/load.ts';
import type { Rule } from '../../src/detect/sigma/rule.ts';
import type { Judged } from '../../src/detect/stream/judged.ts';
import { compileRules } from '../../src/detect/stream/rule-set.ts';
import type { RuleHit } from '../../src/model/detection.ts';
import type { Fields } from '../../src/model/event.ts';
import { FieldSet } from '../../src/model/field-set.ts';

const HEAD = ['title: A', 'id: 5f1c0a52-7d0e-4b3e-9a57-0c8a1f5b2e11', 'taxonomy: ecs', 'logsource: { product: linux }', 'detection:'];

/** A whole rule around the lines of a detection. */
export const ruleText = (detection: string): string => [...HEAD, ...detection.split('\n').map((line) => `  ${line}`)].join('\n');

export interface Asked {
  readonly placeholders?: ReadonlyMap<string, readonly string[]>;
  readonly lists?: 'asked';
  readonly text?: string;
  readonly timestamp?: number;
}

/** A rule with this detection; throws its faults. */
export function ruleOf(detection: string, asked: Asked = {}): Rule {
  const { rules, rejected } = readRules('a.yml', ruleText(detection), asked);
  const [rule] = rules;
  if (rule === undefined) throw new Error(rejected.map(faultText).join('\n'));
  return rule;
}

/** The faults of a rule with this detection, as `line:column: reason`. */
export const faultsOf = (detection: string): string[] =>
  readRules('a.yml', ruleText(detection)).rejected.map(({ line, column, reason }) => `${line}:${column}: ${reason}`);

export const judged = (fields: Fields, asked: Asked = {}): Judged => ({
  fields: FieldSet.of({ 'event.module': 'linux', ...fields }),
  text: asked.text ?? '',
  timestamp: asked.timestamp ?? Date.UTC(2026, 10, 20, 3, 4, 5),
  source: 'test',
});

export function hitsOf(detection: string, fields: Fields, asked: Asked = {}): readonly RuleHit[] {
  const thrown: unknown[] = [];
  const hits = compileRules([ruleOf(detection, asked)], { onError: (_, error) => thrown.push(error) }).match(judged(fields, asked));
  if (thrown.length > 0) throw thrown[0];
  return hits;
}

/** Whether a rule with this detection fires on an event with these fields. */
export const fires = (detection: string, fields: Fields, asked: Asked = {}): boolean => hitsOf(detection, fields, asked).length > 0;

/** Whether `field|modifiers: value` is true, with the value written as in YAML. */
export const itemFires = (item: string, fields: Fields, asked: Asked = {}): boolean => fires(`s:\n  ${item}\ncondition: s`, fields, asked);
