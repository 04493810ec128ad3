import type { Alerts } from '../../alert/alerts.ts';
import type { ActFault, ActWish } from '../../api/deps.ts';
import { RESPONDERS } from '../../integrations/index.ts';
import type { PacedFetch } from '../../lib/paced-fetch.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { PersonNames } from '../../model/person.ts';
import type { Planned } from '../../respond/responder.ts';
import { type ConfiguredResponder, configuredResponders } from '../../respond/settings.ts';
import type { Settings } from '../../settings.ts';
import { oneEvent } from '../../store/search/events.ts';
import type { EventEngine } from '../../store/store.ts';

export interface ActPlanningDeps {
  readonly engine: EventEngine;
  readonly alerts: Pick<Alerts, 'get'>;
  settings(): Settings;
  /** The identity directory, as it counts now. */
  names(): PersonNames;
}

/** What another system is asked with. */
export interface AskIo {
  readonly fetch: PacedFetch;
  readonly signal: AbortSignal;
}

/** Somebody waits for a plan. */
export const LOOK_AT_MS = 8_000;
const EVENT_MS = 20_000;
/** Events of an alert in which a name is looked for. */
const EVENTS = 10;

export interface Looked extends Planned {
  readonly system: ConfiguredResponder;
}

/** Finds out whom an act means and what it would do, before anything is done. */
export class ActPlanning {
  readonly #deps: ActPlanningDeps;

  constructor(deps: ActPlanningDeps) {
    this.#deps = deps;
  }

  /** Whom a wish means in which system, and what that would do. Changes nothing; asks the other system by `asked`. */
  async look(
    wish: ActWish,
    asked: <T>(work: (io: AskIo) => Promise<T>, withinMs: number) => Promise<T>,
  ): Promise<Result<Looked, ActFault>> {
    const system = this.systemOf(wish.system);
    if (!system.ok) return system;
    const { acts } = this.#deps.settings();
    const given = [...new Set(wish.targets.map((each) => each.trim()).filter((each) => each !== ''))];
    if (given.length === 0) return refused('EAR_ACT_REFUSED', 'Say whom.');
    if (given.length > acts.most_targets)
      return refused('EAR_ACT_LIMIT', `${given.length} at once are too many: acts.most_targets is ${acts.most_targets}.`);
    const targets = await Promise.all(given.map(async (each) => ({ given: each, names: await this.#namesOf(each, wish, system.value) })));
    const wanted = { targets, devices: wish.devices, ...(wish.session !== undefined && { session: wish.session }) };
    const planned = await asked((io) => system.value.plan(wanted, io), LOOK_AT_MS);
    if (!planned.ok) return refused('EAR_ACT_REFUSED', planned.error);
    const { length: found } = planned.value.targets;
    if (found > acts.most_targets) return refused('EAR_ACT_LIMIT', `It would touch ${found}: acts.most_targets is ${acts.most_targets}.`);
    const shielded = planned.value.targets.find(({ names }) => this.isProtected(names));
    if (shielded !== undefined)
      return refused('EAR_ACT_LIMIT', `${shielded.label} is a protected account (acts.protected): no act touches it.`);
    return ok({ ...planned.value, system: system.value });
  }

  responders(): readonly ConfiguredResponder[] {
    return configuredResponders(this.#deps.settings().acts.systems, RESPONDERS);
  }

  /** The system of that name; where there is only one, no name is needed. */
  systemOf(name: string | undefined): Result<ConfiguredResponder, ActFault> {
    const all = this.responders();
    const found = name === undefined ? all : all.filter((each) => each.name === name);
    const [system, ...others] = found;
    if (system !== undefined && others.length === 0) return ok(system);
    if (system !== undefined) return refused('EAR_ACT_SYSTEM', `Say in which system: ${all.map((each) => each.name).join(' or ')}.`);
    const missing = name === undefined ? 'acts.systems is empty' : `acts.systems has no ${name.slice(0, 80)}`;
    return refused('EAR_ACT_SYSTEM', `Earshot acts in no such system: ${missing}.`);
  }

  /** All names that are known of somebody: what was given first, then the directory's, then those in the alert's own events. */
  async #namesOf(given: string, { alertId }: ActWish, { dataset }: ConfiguredResponder): Promise<string[]> {
    const person = this.#deps.names().find(given);
    const known = person === undefined ? [] : [person.id, ...person.names, ...person.emails];
    return [...new Set([given, ...known, ...(await this.#namesInEvents(given, alertId, dataset))])];
  }

  async #namesInEvents(given: string, alertId: string | undefined, dataset: string): Promise<string[]> {
    const alert = alertId === undefined ? undefined : await this.#deps.alerts.get(alertId);
    const ids = (alert?.evidence ?? []).filter((each) => each.dataset === dataset).map(({ eventId }) => eventId);
    const names: string[] = [];
    for (const id of ids.slice(0, EVENTS)) {
      const event = await oneEvent(this.#deps.engine, id, AbortSignal.timeout(EVENT_MS)).catch(() => undefined);
      for (const side of ['user', 'user.target']) {
        const own = ['id', 'email', 'name'].map((key) => event?.fields[`${side}.${key}`]).filter((each) => typeof each === 'string');
        if (own.some((each) => each.toLowerCase() === given.toLowerCase())) names.push(...own);
      }
    }
    return names;
  }

  /** Whether the settings name somebody who has one of these names, by themselves or by the directory. */
  isProtected(names: readonly string[]): boolean {
    const shielded = new Set(this.#deps.settings().acts.protected.map((each) => each.toLowerCase()));
    if (shielded.size === 0) return false;
    const directory = this.#deps.names();
    const persons = names.map((name) => directory.find(name)).filter((person) => person !== undefined);
    const all = [...names, ...persons.flatMap(({ id, names: own, emails }) => [id, ...own, ...emails])];
    return all.some((name) => shielded.has(name.toLowerCase()));
  }
}

const refused = (code: ActFault['code'], message: string) => err<ActFault>({ code, message });
