import type { LogSource, Logsource, Route } from './logsource.ts';
import { APPLICATIONS } from './logsources/applications.ts';
import { AWS } from './logsources/aws.ts';
import { AZURE } from './logsources/azure.ts';
import { CATEGORIES } from './logsources/categories.ts';
import { EARSHOT } from './logsources/earshot.ts';
import { GITHUB } from './logsources/github.ts';
import { GOOGLE } from './logsources/google.ts';
import { LINUX } from './logsources/linux.ts';
import { M365 } from './logsources/m365.ts';
import { OKTA } from './logsources/okta.ts';
import { PAM } from './logsources/pam.ts';
import { WINDOWS } from './logsources/windows.ts';
import type { TaxonomyName } from './taxonomy.ts';

const SHIPPED: readonly LogSource[] = [
  ...LINUX,
  ...WINDOWS,
  ...PAM,
  ...EARSHOT,
  ...OKTA,
  ...AWS,
  ...AZURE,
  ...GOOGLE,
  ...GITHUB,
  ...M365,
  ...APPLICATIONS,
  ...CATEGORIES,
];

const DIMENSIONS = ['service', 'category', 'product'] as const;
type Dimension = (typeof DIMENSIONS)[number];

/** Where the events of a rule's log source are, and where its fields are in them: as Earshot knows it, and as the configuration says. */
export class LogSources {
  readonly #own: readonly LogSource[];

  /** `own`: each stands for all that it names, instead of what Earshot knows of that. */
  constructor(own: readonly LogSource[] = []) {
    this.#own = own.toSorted((a, b) => named(b).length - named(a).length);
  }

  /**
   * The route of a log source; undefined where no event of Earshot is of it, so the rule can never fire here. All that a rule says of
   * its log source must hold: a rule for one product is never asked about another's events.
   */
  routeOf(logsource: Logsource): Route | undefined {
    const own = this.#ownOf(logsource);
    const parts: LogSource[] = [];
    for (const dimension of DIMENSIONS) {
      if (logsource[dimension] === undefined || own.some((entry) => entry[dimension] !== undefined)) continue;
      const entry = shipped(logsource, dimension);
      if (entry === undefined) return undefined;
      parts.push(entry);
    }
    const route = [...own, ...parts.toReversed()].flatMap((part) => part.route);
    // `category: application` alone would be every event there is.
    return route.length === 0 ? undefined : route;
  }

  /**
   * The paths of a rule's field in Earshot's events. ECS names and names that no table knows are taken as they are, so rules may use
   * ECS directly under either taxonomy.
   */
  fieldPaths(taxonomy: TaxonomyName, logsource: Logsource): (field: string) => readonly string[] {
    if (taxonomy === 'ecs') return (field) => [field];
    const entries = this.#entriesOf(logsource);
    const others = entries.find((entry) => entry.others !== undefined)?.others;
    return (field) => {
      const names = entries.find((entry) => entry.fields !== undefined && Object.hasOwn(entry.fields, field))?.fields;
      const mapped = names?.[field];
      if (mapped !== undefined) return typeof mapped === 'string' ? [mapped] : mapped;
      return others?.(field) ?? [field];
    };
  }

  /** Whether events of the log source may have fields that no table names. */
  isOpen = (logsource: Logsource): boolean => this.#entriesOf(logsource).some(({ open }) => open === true);

  #entriesOf(logsource: Logsource): readonly LogSource[] {
    return [...this.#ownOf(logsource), ...DIMENSIONS.flatMap((dimension) => shipped(logsource, dimension) ?? [])];
  }

  /** Of two that name the same, the one that names more counts, then the first. */
  #ownOf(logsource: Logsource): readonly LogSource[] {
    const taken = new Set<Dimension>();
    return this.#own.filter((entry) => {
      const dimensions = named(entry);
      const holds = dimensions.every((each) => entry[each] === logsource[each] && !taken.has(each));
      if (holds) for (const each of dimensions) taken.add(each);
      return holds;
    });
  }
}

/** Without what a configuration adds. */
export const SHIPPED_LOG_SOURCES = new LogSources();

const named = (logsource: Logsource): readonly Dimension[] => DIMENSIONS.filter((each) => logsource[each] !== undefined);

/** A service is one of its product; a category may mean something of its own with a product. */
function shipped({ product, category, service }: Logsource, dimension: Dimension): LogSource | undefined {
  switch (dimension) {
    case 'service':
      return service === undefined ? undefined : SHIPPED.find((entry) => entry.service === service && entry.product === product);
    case 'category': {
      const entries = SHIPPED.filter((entry) => category !== undefined && entry.category === category);
      return (
        entries.find((entry) => entry.product !== undefined && entry.product === product) ??
        entries.find((entry) => entry.product === undefined)
      );
    }
    case 'product':
      return product === undefined ? undefined : SHIPPED.find((entry) => entry.product === product && named(entry).length === 1);
  }
}
