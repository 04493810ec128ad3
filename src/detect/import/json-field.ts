import { ECS_FIELDS } from '../../model/ecs.ts';

/** A field of a product's own JSON: what is not ECS is kept under `json.` (docs/formats.md). */
export const jsonField = (path: string): string => (ECS_FIELDS.has(path) || path.startsWith('json.') ? path : `json.${path}`);
