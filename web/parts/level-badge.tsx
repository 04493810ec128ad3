import type { Level } from '../../src/model/severity.ts';
import { LEVEL_LOOK } from '../theme/level.ts';
import { LookBadge } from './look-badge.tsx';

export const LevelBadge = ({ level }: { readonly level: Level }) => <LookBadge look={LEVEL_LOOK[level]} />;
