import type { AlertSubjectRow } from '../store/state/state.ts';
import type { Names } from './evidence.ts';
import { subjectValue } from './subjects.ts';

/** People and hosts that an alert did not name before. */
export interface Newcomers {
  readonly users: readonly string[];
  readonly hosts: readonly string[];
}

/** Names that are remembered of one alert. Beyond them nobody is new any more: a flood of names is told by its number. */
const MOST = 40;

/** Whom alerts have named, to see who is new in them. */
export class KnownNames {
  readonly #byAlert: Map<string, Set<string>>;

  constructor(subjects: readonly AlertSubjectRow[]) {
    const byAlert = Map.groupBy(subjects, ({ alert_id }) => alert_id);
    this.#byAlert = new Map([...byAlert].map(([id, rows]) => [id, new Set(rows.map(({ kind, value }) => `${kind} ${value}`))]));
  }

  /** Remembers the names, and gives those that are new. */
  meet(alertId: string, { user, targetUser, host }: Names): Newcomers | undefined {
    const known = this.#byAlert.get(alertId) ?? new Set();
    this.#byAlert.set(alertId, known);
    const isNew = (kind: AlertSubjectRow['kind'], name: string | undefined): name is string => {
      if (name === undefined || known.size >= MOST) return false;
      const key = `${kind} ${subjectValue(name)}`;
      return !known.has(key) && known.add(key).has(key);
    };
    const users = [user, targetUser].filter((name) => isNew('person', name));
    const hosts = [host].filter((name) => isNew('host', name));
    return users.length + hosts.length === 0 ? undefined : { users, hosts };
  }
}

/** For the alert's history. */
export const newcomersText = ({ users, hosts }: Newcomers): string =>
  [...users.map((name) => `new person: ${name}`), ...hosts.map((name) => `new host: ${name}`)].join(', ');
