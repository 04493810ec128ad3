import { ecsField } from '../../../model/ecs.ts';

/** Names of a product below its own prefix, in ECS's spelling: `actor.alternateId` is `okta.actor.alternate_id`. */
export const snakeUnder =
  (prefix: string) =>
  (field: string): readonly string[] =>
    ecsField(field) === undefined ? [`${prefix}.${snake(field)}`] : [field];

/** Names of a product below its own prefix, as the product spells them. */
export const under =
  (prefix: string) =>
  (field: string): readonly string[] =>
    ecsField(field) === undefined ? [`${prefix}.${field}`] : [field];

const snake = (field: string): string => field.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
