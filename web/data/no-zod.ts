/**
 * Stands in for zod in the built page (vite.config.ts). The page takes types from the contract, and of an endpoint only its method and
 * path at run time: the hub has checked what it answers. Schemas are made and thrown away here, without zod's 25 kB. Whoever checks
 * something with one in the page is told so.
 */
const CHECKS: ReadonlySet<string | symbol> = new Set(['parse', 'parseAsync', 'safeParse', 'safeParseAsync']);

function refuse(): never {
  throw new Error('the page has no zod: the hub checks');
}

const schema: unknown = new Proxy(() => schema, { get: (_, name) => (CHECKS.has(name) ? refuse : schema), apply: () => schema });

export { schema as z };
