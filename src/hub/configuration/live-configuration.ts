import type { Router } from '../../alert/routing.ts';
import { EarshotError } from '../../lib/errors.ts';
import type { Settings } from '../../settings.ts';
import { ingestDocument, keepFixed, type Versions } from './reload.ts';
import { compileRoutes } from './routes-compiler.ts';

/** A configuration with its routes. */
interface Ready extends Versions {
  readonly router: Router;
}

/** The configuration that the hub runs on: a reload puts another in its place. */
export class LiveConfiguration {
  readonly #started: Versions;
  #now: Ready;

  /** Throws an {@link EarshotError} when a route is faulty. */
  constructor({ settings, document }: Versions) {
    this.#started = { settings, document };
    this.#now = withRouter(this.#started);
  }

  get settings(): Settings {
    return this.#now.settings;
  }

  get router(): Router {
    return this.#now.router;
  }

  /** The part of the document that the ingest thread reads again. */
  get ingestDocument(): unknown {
    return ingestDocument(this.#now.document);
  }

  /** Another one as it can be had without a restart, and what it takes one for. Throws an {@link EarshotError} when a route is faulty. */
  prepare(wanted: Versions): { readonly ready: Ready; readonly notes: readonly string[] } {
    const { settings, document, notes } = keepFixed(this.#started, wanted);
    return { ready: withRouter({ settings, document }), notes };
  }

  use(ready: Ready): void {
    this.#now = ready;
  }
}

function withRouter(versions: Versions): Ready {
  const router = compileRoutes(versions.settings);
  if (router.ok) return { ...versions, router: router.value };
  throw new EarshotError('EAR_CONFIG_INVALID', router.error.map(({ path, message }) => `${path}: ${message}`).join('\n'));
}
