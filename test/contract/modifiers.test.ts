import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Fields } from '../../src/model/event.ts';
import { MODIFIER_CASES, type ModifierCase } from '../support/modifier-cases.ts';
import { itemFires } from '../support/sigma-rule.ts';

const APPENDIX = new URL('../../../shared/corpora/sigma/spec/sigma-appendix-modifiers.md', import.meta.url);
const DOCS = new URL('../../docs/detection.md', import.meta.url);

const ASKED = { placeholders: new Map([['admins', ['root']]]) };
const fieldsOf = (value: ModifierCase['yes']): Fields => ({ g: 'this', ...(value !== undefined && { f: value }) });

const cell = (value: ModifierCase['yes']): string => (value === undefined ? 'no `f`' : `\`${JSON.stringify(value)}\``);

describe('each modifier', () => {
  it.each(MODIFIER_CASES)('$modifier: $item', ({ item, yes, no }) => {
    expect(itemFires(item, fieldsOf(yes), ASKED)).toBe(true);
    expect(itemFires(item, fieldsOf(no), ASKED)).toBe(false);
  });

  it('is in the documentation with its cases', () => {
    const rows = MODIFIER_CASES.map(
      ({ modifier, item, yes, no }) => `| \`${modifier}\` | \`${item.replaceAll('|', '\\|')}\` | ${cell(yes)} | ${cell(no)} |`,
    );
    const table = ['| modifier | item | true of | not of |', '|---|---|---|---|', ...rows].join('\n');
    expect(readFileSync(DOCS, 'utf8')).toContain(table);
  });

  it.skipIf(!existsSync(APPENDIX))('of the specification is among them', () => {
    const [, modifiers = ''] = readFileSync(APPENDIX, 'utf8').split('### Generic Modifiers');
    const named = [...modifiers.matchAll(/^ *- `([a-z0-9]+)`/gm)].map(([, name]) => name);
    expect(named.length).toBeGreaterThan(25);
    const there = new Set(MODIFIER_CASES.map(({ modifier }) => modifier));
    expect(named.filter((name) => name !== undefined && !there.has(name))).toEqual([]);
  });
});
if (!existsSync(APPENDIX)) console.warn(`skipped: the appendix of the specification is not at ${APPENDIX.pathname}`);
