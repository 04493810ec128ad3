import { ECS_OBJECTS, ecsField } from '../model/ecs.ts';
import { ECS_CATEGORIES } from '../model/ecs-words.ts';
import type { Value } from '../model/event.ts';
import { fits } from './convert.ts';
import type { EventWords, Mapping, MessageRow } from './mapping.ts';
import { compileTemplate } from './template.ts';

/** What is wrong in a mapping, and where: `linux.auth: messages[3].form`. */
export interface MappingFault {
  readonly place: string;
  readonly fault: string;
}

type Report = (place: string, fault: string) => void;

/** Fields that Earshot sets itself: no mapping may. */
const RESERVED = ['@timestamp', 'event.id', 'event.ingested', 'event.original', 'event.dataset', 'event.module'];

/** Checks all mappings, alone and against each other; an empty list means that they may be used. */
export function checkMappings(mappings: readonly Mapping[]): MappingFault[] {
  const faults: MappingFault[] = [];
  const owners = new Map<string, string>();
  mappings.forEach((mapping, i) => {
    const name = mapping.dataset === '' ? `mapping ${i + 1}` : mapping.dataset;
    const report: Report = (place, fault) => faults.push({ place: `${name}: ${place}`, fault });
    const own = mapping.prefix ?? mapping.product;
    checkNames(mapping, report);
    checkClaims(mapping, owners, report);
    mapping.messages?.forEach((row, n) => {
      checkRow(own, row, `messages[${n}]`, report);
    });
    for (const [key, path] of Object.entries(mapping.fields ?? {})) checkPath(own, path, `fields.${key}`, report);
    for (const [code, words] of Object.entries(mapping.events ?? {})) checkWords(words, `events.${code}`, report);
    mapping.reader?.writes.forEach((path, n) => {
      checkPath(own, path, `reader.writes[${n}]`, report);
    });
    mapping.reader?.events.forEach((words, n) => {
      checkWords(words, `reader.events[${n}]`, report);
    });
    mapping.cef?.writes.forEach((path, n) => {
      checkPath(own, path, `cef.writes[${n}]`, report);
    });
    mapping.cef?.events.forEach((words, n) => {
      checkWords(words, `cef.events[${n}]`, report);
    });
    mapping.records?.writes.forEach((path, n) => {
      checkPath(own, path, `records.writes[${n}]`, report);
    });
    mapping.records?.events.forEach((words, n) => {
      checkWords(words, `records.events[${n}]`, report);
    });
  });
  return faults;
}

function checkNames(mapping: Mapping, report: Report): void {
  if (!/^[a-z][a-z0-9_]*$/.test(mapping.product)) report('product', `"${mapping.product}" is not a word of a-z, 0-9 and _`);
  for (const dataset of [mapping.dataset, ...(mapping.datasets?.names ?? [])]) {
    if (!new RegExp(`^${mapping.product}\\.[a-z][a-z0-9_]*$`).test(dataset))
      report('dataset', `"${dataset}" must be ${mapping.product}, a dot and a word of a-z, 0-9 and _`);
  }
  checkTaken('product', mapping.product, report);
  if (mapping.prefix !== undefined) checkTaken('prefix', mapping.prefix, report);
}

function checkTaken(place: string, name: string, report: Report): void {
  if (name === 'earshot' || ECS_OBJECTS.has(name) || ecsField(name) !== undefined)
    report(place, `"${name}" is taken: it is a name of ${name === 'earshot' ? 'Earshot' : 'ECS'}`);
}

/** Two mappings for one program would make the choice depend on their order. */
function checkClaims(mapping: Mapping, owners: Map<string, string>, report: Report): void {
  const { programs = [], cef = [], leef = [], sources = [], texts = [] } = mapping.appliesTo;
  const productOf = (format: string) => (name: { vendor: string; product?: string }) =>
    `${format} ${name.vendor}|${name.product ?? '*'}`.toLowerCase();
  const claims = [
    ...programs.map((name) => `program ${name.toLowerCase()}`),
    ...cef.map(productOf('cef')),
    ...leef.map(productOf('leef')),
    ...sources.map((name) => `source ${name.toLowerCase()}`),
    ...texts.map(({ start, contains = '' }) => `text ${start}…${contains}`),
  ];
  if (claims.length === 0 && mapping.records === undefined) report('appliesTo', 'names nothing: the mapping would never be used');
  for (const claim of claims) {
    const owner = owners.get(claim);
    if (owner === undefined) owners.set(claim, mapping.dataset);
    else report('appliesTo', `${claim} belongs to ${owner} already`);
  }
}

function checkRow(own: string, row: MessageRow, place: string, report: Report): void {
  const template = compileTemplate(row.form);
  if (!template.ok) report(`${place}.form`, template.error);
  else for (const { name } of template.value.places) if (name !== '-') checkPath(own, name, `${place}.form {${name}}`, report);
  checkWords(row.event, `${place}.event`, report);
  for (const [path, value] of Object.entries(row.set ?? {})) {
    checkPath(own, path, `${place}.set.${path}`, report);
    checkValue(path, value, `${place}.set.${path}`, report);
  }
}

function checkPath(own: string, path: string, place: string, report: Report): void {
  if (RESERVED.includes(path)) report(place, `${path} is set by Earshot`);
  else if (path === `${own}.`) report(place, `"${path}" ends in a dot`);
  else if (!path.startsWith(`${own}.`) && ecsField(path) === undefined)
    report(place, `${path} is not a field of ECS: choose one, or put it under ${own}.`);
}

function checkValue(path: string, value: Value, place: string, report: Report): void {
  const field = ecsField(path);
  if (field === undefined) return;
  const values: readonly Value[] = Array.isArray(value) ? value : [value];
  if (field.array !== Array.isArray(value)) report(place, `${path} ${field.array ? 'is an array' : 'is no array'} in ECS`);
  else if (!values.every((one) => fits(field.type, one))) report(place, `${path} is ${field.type} in ECS`);
}

function checkWords(words: EventWords, place: string, report: Report): void {
  if (!/^[a-z]\w*(\.\w+)*$/.test(words.action))
    report(`${place}.action`, `"${words.action}" is not a word of letters, digits and _, or several with dots between them`);
  const expected = new Set<string>();
  for (const category of words.category) {
    if (Object.hasOwn(ECS_CATEGORIES, category)) for (const type of ECS_CATEGORIES[category]) expected.add(type);
    else report(`${place}.category`, `"${category}" is no event.category of ECS`);
  }
  for (const type of words.type) {
    if (!expected.has(type)) report(`${place}.type`, `"${type}" is no event.type that ECS expects with ${words.category.join(', ')}`);
  }
  if (words.outcome !== undefined && !['success', 'failure', 'unknown'].includes(words.outcome)) {
    report(`${place}.outcome`, `"${words.outcome}" is no event.outcome of ECS`);
  }
}

/** Faults of a finished event's fields, for tests of mappings: what ECS does not know or has as another type. `free`: prefixes beside ECS. */
export function checkFields(fields: Readonly<Record<string, Value>>, free: readonly string[]): string[] {
  const faults: string[] = [];
  for (const [path, value] of Object.entries(fields)) {
    if (free.some((prefix) => path.startsWith(prefix))) continue;
    if (ecsField(path) === undefined) faults.push(`${path} is not a field of ECS`);
    else checkValue(path, value, path, (_, fault) => faults.push(fault));
  }
  return faults;
}
