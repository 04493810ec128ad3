import { ROLES } from '../model/role.ts';
import type { User } from '../store/state/accounts.ts';
import { SCOPES_OF_ROLE } from './contract/endpoint.ts';

/** Roles that have `alerts:write`. */
const WORKERS = new Set(ROLES.filter((role) => SCOPES_OF_ROLE[role].some((scope) => scope === 'alerts:write' || scope === 'admin')));

/** Whether somebody can work on alerts, so that one may be given to them. */
export const mayWork = ({ disabled, role }: Pick<User, 'disabled' | 'role'>): boolean => !disabled && WORKERS.has(role);
