/** Which events a rule is for (Sigma 2.1, "LogSource"). At least one is there. */
export interface Logsource {
  readonly product?: string;
  readonly category?: string;
  readonly service?: string;
}

/** One of the fields has one of the values; texts are compared without regard to case. */
export interface RouteTerm {
  readonly fields: readonly string[];
  readonly values: readonly string[];
}

/** Every term must be true of an event for a rule to be asked. */
export type Route = readonly RouteTerm[];

/** Paths that a field may have in Earshot's events; the first that an event has counts. */
export type FieldNames = Readonly<Record<string, string | readonly string[]>>;

/**
 * What Earshot knows of a log source: an entry for each product, each category, and each service of a product. A rule is asked about
 * events of which the entry of everything that its log source says is true.
 */
export interface LogSource extends Logsource {
  readonly route: Route;
  /** Where Sigma's names are in these events. */
  readonly fields?: FieldNames;
  /** Where names are that are not in `fields`. */
  readonly others?: (field: string) => readonly string[];
  /** The events come as their sender mapped them: what no table names may be there all the same. */
  readonly open?: true;
}

/** `product: linux, service: sshd`. */
export const logsourceText = (logsource: Logsource): string =>
  Object.entries(logsource)
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ');

export const has = (fields: string | readonly string[], ...values: string[]): RouteTerm => ({
  fields: typeof fields === 'string' ? [fields] : fields,
  values,
});

export const dataset = (...names: string[]): Route => [has('event.dataset', ...names)];

/** The entries of services that differ only in their route. */
export const services = (product: string | undefined, routes: Readonly<Record<string, Route>>): LogSource[] =>
  Object.entries(routes).map(([service, route]) => ({ ...(product !== undefined && { product }), service, route }));
