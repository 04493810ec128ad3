import type { QueryNode } from '../../store/search/node.ts';
import { patternOf } from '../../store/search/node.ts';

/** Tags of events that could not be read as they were meant, by `src/decode/decode.ts`, integrations, the pipeline and the store. */
const WORDS = [
  'invalid_utf8',
  'nul_bytes',
  'truncated',
  'bad_timestamp',
  'cef_unkeyed_text',
  'unknown_decoder',
  'unknown_action',
  'dataset_mismatch',
  'pipeline_fault',
  'set_aside',
] as const;

/** A format's fault is `cef_fault:<code>` and the like. */
const isFault = /^[a-z0-9_]+_fault:[a-z0-9_]+$/;

export const isFaultTag = (tag: string): boolean => isFault.test(tag) || WORDS.some((word) => word === tag);

export const hasTag = (tag: string): QueryNode => ({ type: 'is', field: 'tags', pattern: patternOf([tag]) });

/** The events that have one of them. */
export const FAULTY: QueryNode = {
  type: 'or',
  nodes: [{ type: 'is', field: 'tags', pattern: patternOf([{ wild: '*' }, '_fault:', { wild: '*' }]) }, ...WORDS.map(hasTag)],
};
