/** Values of the attribute `taxonomy`. */
export const TAXONOMY_NAMES = ['sigma', 'ecs'] as const;
export type TaxonomyName = (typeof TAXONOMY_NAMES)[number];
