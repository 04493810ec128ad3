/** ECS's field types, by the letter that the catalogue uses for them. */
export const TYPE_LETTERS = {
  b: 'boolean',
  c: 'constant_keyword',
  d: 'double',
  f: 'float',
  g: 'geo_point',
  i: 'integer',
  k: 'keyword',
  l: 'long',
  m: 'match_only_text',
  n: 'nested',
  o: 'object',
  p: 'ip',
  s: 'scaled_float',
  t: 'date',
  w: 'wildcard',
  x: 'flattened',
} as const;

export type EcsType = (typeof TYPE_LETTERS)[keyof typeof TYPE_LETTERS];
