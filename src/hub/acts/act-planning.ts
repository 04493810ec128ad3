import type { Alerts } from '../../alert/alerts.ts';
import type { ActFault, ActWish } from '../../api/deps.ts';
import { RESPONDERS } from '../../integrations/index.ts';
import type { PacedFetch } from '../../lib/paced-fetch.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { ActTarget } from '../../model/act.ts';
import type { Event } from '../../model/event.ts';
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

/** Somebody waits for a plan: for what the events of the alert say, and for what the other system does, so long each. */
export const LOOK_AT_MS = 8_000;
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
    const events = await this.#eventsOf(wish, system.value);
    const targets = given.map((each) => ({ given: each, names: this.#namesOf(each, events.found) }));
    const wanted = { targets, devices: wish.devices, ...(wish.session !== undefined && { session: wish.session }) };
    const planned = await asked((io) => system.value.plan(wanted, io), LOOK_AT_MS);
    if (!planned.ok) return refused('EAR_ACT_REFUSED', events.areAll ? planned.error : `${planned.error} ${UNREAD}`);
    const { length: found } = planned.value.targets;
    if (found > acts.most_targets) return refused('EAR_ACT_LIMIT', `It would touch ${found}: acts.most_targets is ${acts.most_targets}.`);
    const shield = this.shieldOf(planned.value.targets, system.value);
    if (shield !== undefined) return refused('EAR_ACT_LIMIT', shield);
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
  #namesOf(given: string, events: readonly Event[]): string[] {
    const person = this.#deps.names().find(given);
    const known = person === undefined ? [] : [person.id, ...person.names, ...person.emails];
    return [...new Set([given, ...known, ...events.flatMap((event) => namesIn(event, given))])];
  }

  /** The other system's own events of the alert; `areAll` where each of them could be read. */
  async #eventsOf({ alertId }: ActWish, { dataset }: ConfiguredResponder): Promise<{ found: readonly Event[]; areAll: boolean }> {
    const alert = alertId === undefined ? undefined : await this.#deps.alerts.get(alertId);
    const own = (alert?.evidence ?? []).filter((each) => each.dataset === dataset).slice(0, EVENTS);
    const signal = AbortSignal.timeout(LOOK_AT_MS);
    const found: Event[] = [];
    for (const { eventId } of own) {
      // An alert is told before its events are stored.
      const event = await oneEvent(this.#deps.engine, eventId, signal).catch(() => undefined);
      if (event !== undefined) found.push(event);
    }
    return { found, areAll: found.length === own.length };
  }

  /** Why one of these is not to be touched: the settings name them, or nobody can tell whether they do. */
  shieldOf(targets: readonly ActTarget[], { name: system, does }: ConfiguredResponder): string | undefined {
    const shielded = new Set(this.#deps.settings().acts.protected.map((each) => each.toLowerCase()));
    const byMail = does === 'sign_out' && [...shielded].some(isMail);
    for (const { label, names } of shielded.size === 0 ? [] : targets) {
      const all = this.#allNamesOf(names);
      if (all.some((name) => shielded.has(name.toLowerCase())))
        return `${label} is a protected account (acts.protected): no act touches it.`;
      if (byMail && !all.some(isMail))
        return `Whether ${label} is a protected account cannot be told: acts.protected has mail addresses, and theirs is not known. Does the app of acts.systems.${system}.token lack the scope users:read.email?`;
    }
    return undefined;
  }

  /** With those of the persons whose they are, by the directory. */
  #allNamesOf(names: readonly string[]): string[] {
    const directory = this.#deps.names();
    const persons = names.map((name) => directory.find(name)).filter((person) => person !== undefined);
    return [...names, ...persons.flatMap(({ id, names: own, emails }) => [id, ...own, ...emails])];
  }
}

const UNREAD = 'The events of the alert, which may say more of them, could not be read now: try again, or give their ID.';

const isMail = (name: string): boolean => name.includes('@');

/** All names of whoever has that one in the event. */
function namesIn({ fields }: Pick<Event, 'fields'>, given: string): string[] {
  return ['user', 'user.target'].flatMap((side) => {
    const own = ['id', 'email', 'name'].map((key) => fields[`${side}.${key}`]).filter((each) => typeof each === 'string');
    return own.some((each) => each.toLowerCase() === given.toLowerCase()) ? own : [];
  });
}

const refused = (code: ActFault['code'], message: string) => err<ActFault>({ code, message });
