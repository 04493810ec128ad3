import type { z } from 'zod';
import { accountEndpoint, changePasswordEndpoint, endSessionEndpoint } from './account.ts';
import { cancelActEndpoint, confirmActEndpoint, listActsEndpoint, oneActEndpoint, planActEndpoint } from './acts.ts';
import { alertContextEndpoint } from './alert-context.ts';
import {
  alertCountsEndpoint,
  alertStateEndpoint,
  alertStatsEndpoint,
  changeAlertEndpoint,
  changeAlertsEndpoint,
  listAlertsEndpoint,
  oneAlertEndpoint,
  relatedAlertsEndpoint,
  unusualAlertEndpoint,
} from './alerts.ts';
import { answerPageEndpoint, askPersonEndpoint, giveAnswerEndpoint } from './asks.ts';
import { backtestEndpoint } from './backtests.ts';
import { slackCommandsEndpoint, slackEventsEndpoint, slackInteractivityEndpoint } from './clicks.ts';
import { colleaguesEndpoint } from './colleagues.ts';
import { checkQueryEndpoint, fieldValuesEndpoint, listFieldsEndpoint } from './completion.ts';
import { detectionsEndpoint } from './detections.ts';
import { listDigestsEndpoint, previewDigestEndpoint } from './digests.ts';
import type { Endpoint } from './endpoint.ts';
import { histogramEndpoint, oneEventEndpoint, searchEventsEndpoint, surroundingsEndpoint, topValuesEndpoint } from './events.ts';
import { createExceptionEndpoint, deleteExceptionEndpoint, listExceptionsEndpoint } from './exceptions.ts';
import { exportEndpoint } from './export.ts';
import {
  grantListeningEndpoint,
  listenEndpoint,
  listListenersEndpoint,
  listListeningGrantsEndpoint,
  revokeListeningEndpoint,
  stopListeningEndpoint,
} from './listening.ts';
import {
  createListEndpoint,
  deleteEntryEndpoint,
  deleteListEndpoint,
  describeListEndpoint,
  listListsEndpoint,
  oneListEndpoint,
  putEntriesEndpoint,
} from './lists.ts';
import { finishOidcEndpoint, startOidcEndpoint } from './oidc.ts';
import { openApiEndpoint } from './openapi.ts';
import { healthEndpoint, ingestEndpoint, metricsEndpoint, readyEndpoint } from './operations.ts';
import { listOutboxEndpoint, retryOutboxEndpoint } from './outbox.ts';
import { overviewEndpoint } from './overview.ts';
import {
  listPeopleEndpoint,
  onePersonEndpoint,
  personActivityEndpoint,
  personAlertsEndpoint,
  personSessionsEndpoint,
  unknownNamesEndpoint,
} from './people.ts';
import { listPrivilegedSessionsEndpoint, onePrivilegedSessionEndpoint } from './privileged-sessions.ts';
import { explainRuleEndpoint } from './rule-explain.ts';
import { listRulesEndpoint, oneRuleEndpoint, ruleActivityEndpoint, setMaturityEndpoint } from './rules.ts';
import {
  changeSavedSearchEndpoint,
  createSavedSearchEndpoint,
  deleteSavedSearchEndpoint,
  listSavedSearchesEndpoint,
} from './saved-searches.ts';
import { sessionEndpoint, signInEndpoint, signInWaysEndpoint, signOutEndpoint } from './session.ts';
import { acceptSetupEndpoint, lookSetupEndpoint } from './setup.ts';
import { faultSamplesEndpoint, listSourcesEndpoint } from './sources.ts';
import { summaryEndpoint } from './summary.ts';
import { tailEndpoint } from './tail.ts';
import { createTokenEndpoint, listTokensEndpoint, revokeTokenEndpoint } from './tokens.ts';
import { changeTrustedNetworksEndpoint, trustedNetworksEndpoint } from './trusted-networks.ts';
import {
  changeUserEndpoint,
  createUserEndpoint,
  endUserSessionsEndpoint,
  inviteUserEndpoint,
  listUserSessionsEndpoint,
  listUsersEndpoint,
  removeUserEndpoint,
} from './users.ts';

export type AnyEndpoint = Endpoint<z.ZodType, z.ZodType, z.ZodType, z.ZodType>;

export interface ListedEndpoint {
  readonly endpoint: AnyEndpoint;
  /** One sentence. */
  readonly summary: string;
}

const listed = (endpoint: AnyEndpoint, summary: string): ListedEndpoint => ({ endpoint, summary });

/** Every endpoint of the hub by its name in OpenAPI: what is mounted and not here, or here and not mounted, fails a test. */
export const ENDPOINTS: Readonly<Record<string, ListedEndpoint>> = {
  searchEvents: listed(searchEventsEndpoint, 'Finds events, newest first.'),
  countEventsOverTime: listed(histogramEndpoint, 'Counts events over time.'),
  topValues: listed(topValuesEndpoint, 'The most frequent values of a field.'),
  summarizeEvents: listed(summaryEndpoint, 'A query in one look: how many, when, and the most frequent values of several fields.'),
  listSavedSearches: listed(listSavedSearchesEndpoint, 'Saved searches: one’s own, and those of all.'),
  createSavedSearch: listed(createSavedSearchEndpoint, 'Saves a search.'),
  changeSavedSearch: listed(changeSavedSearchEndpoint, 'Changes a saved search.'),
  deleteSavedSearch: listed(deleteSavedSearchEndpoint, 'Deletes a saved search.'),
  tailEvents: listed(tailEndpoint, 'Events as they come in, as Server-Sent Events.'),
  getEvent: listed(oneEventEndpoint, 'One event with everything that is known of it.'),
  getSurroundings: listed(
    surroundingsEndpoint,
    'What the same person, address or host did just before and after, or what else there was in the same session.',
  ),
  exportEvents: listed(exportEndpoint, 'All events of a query as a file.'),
  listFields: listed(listFieldsEndpoint, 'Fields that a query may name, the most frequent first.'),
  listFieldValues: listed(fieldValuesEndpoint, 'Values of a field that begin so, the most frequent first.'),
  checkQuery: listed(checkQueryEndpoint, 'Whether a query can be understood, and where not.'),
  listPeople: listed(listPeopleEndpoint, 'Persons of the identity directory, by name.'),
  listUnknownNames: listed(unknownNamesEndpoint, 'Names on events that the identity directory does not know.'),
  getPerson: listed(onePersonEndpoint, 'One person: what the directory says, all names, and how to search for them.'),
  getPersonActivity: listed(personActivityEndpoint, 'When, where and by which names a person was active.'),
  listPersonSessions: listed(personSessionsEndpoint, 'Beginnings and ends of sessions of a person, newest first.'),
  listPrivilegedSessions: listed(listPrivilegedSessionsEndpoint, 'Sessions through vaults, the latest first.'),
  getPrivilegedSession: listed(onePrivilegedSessionEndpoint, 'One session through a vault, with its events and alerts.'),
  listPersonAlerts: listed(personAlertsEndpoint, 'Alerts whose evidence names a person, the latest first.'),
  listLists: listed(listListsEndpoint, 'Named lists.'),
  getList: listed(oneListEndpoint, 'One named list with its entries.'),
  createList: listed(createListEndpoint, 'Makes a named list.'),
  describeList: listed(describeListEndpoint, 'Changes why a list is kept.'),
  deleteList: listed(deleteListEndpoint, 'Deletes a list with its entries.'),
  putListEntries: listed(putEntriesEndpoint, 'Adds entries to a list.'),
  deleteListEntry: listed(deleteEntryEndpoint, 'Takes an entry off a list.'),
  listAlerts: listed(listAlertsEndpoint, 'Alerts, the latest first.'),
  countAlerts: listed(alertCountsEndpoint, 'How many alerts there are, by state and level.'),
  getAlertStats: listed(alertStatsEndpoint, 'How quickly people worked on alerts.'),
  getAlert: listed(oneAlertEndpoint, 'One alert with its history.'),
  getRelatedAlerts: listed(
    relatedAlertsEndpoint,
    'Alerts that share a person, host or address with this one, and earlier ones of its kind.',
  ),
  getAlertHistory: listed(unusualAlertEndpoint, 'How often the rule of an alert hit in the thirty days before it.'),
  getAlertContext: listed(
    alertContextEndpoint,
    'What the person of an alert did around it: files, places and programs, and what each system tells.',
  ),
  setAlertState: listed(alertStateEndpoint, 'Acknowledges, snoozes, resolves or opens an alert.'),
  changeAlert: listed(changeAlertEndpoint, 'Changes an alert: its state, whose it is, a comment.'),
  changeAlerts: listed(changeAlertsEndpoint, 'Changes up to 500 alerts at once.'),
  askPerson: listed(askPersonEndpoint, 'Asks a person of the alert, by mail, whether it was them.'),
  listActs: listed(listActsEndpoint, 'What Earshot did in other systems, and what became of it.'),
  getAct: listed(oneActEndpoint, 'One act, with its proof.'),
  planAct: listed(planActEndpoint, 'Plans to sign people out of another system; changes nothing yet.'),
  confirmAct: listed(confirmActEndpoint, 'Confirms a plan, which is then run once.'),
  cancelAct: listed(cancelActEndpoint, 'Takes back an act that has not begun.'),
  compareTrustedNetworks: listed(trustedNetworksEndpoint, 'Networks that another system trusts, beside the lists of the team.'),
  changeTrustedNetworks: listed(
    changeTrustedNetworksEndpoint,
    'Brings what another system trusts in step with the lists, and reads it again.',
  ),
  getDetections: listed(detectionsEndpoint, 'Events that rules hit: over time, by rule, technique and person, and what is unusual.'),
  listNotifications: listed(listOutboxEndpoint, 'Notifications that wait, and those that were given up.'),
  retryNotification: listed(retryOutboxEndpoint, 'Sends a notification again.'),
  listRules: listed(listRulesEndpoint, 'The rules that run, and those that were rejected.'),
  getRule: listed(oneRuleEndpoint, 'One rule with its text and tests.'),
  explainRule: listed(explainRuleEndpoint, 'Why a rule fires on an event, or why not.'),
  getRuleActivity: listed(ruleActivityEndpoint, 'What rules did in the last thirty days.'),
  setRuleMaturity: listed(setMaturityEndpoint, 'Puts a rule on trial, or live.'),
  listExceptions: listed(listExceptionsEndpoint, 'What is excepted from rules, by whom and why.'),
  createException: listed(createExceptionEndpoint, 'Excepts events from rules.'),
  deleteException: listed(deleteExceptionEndpoint, 'Ends an exception.'),
  listListeners: listed(listListenersEndpoint, 'Words that one listens for.'),
  listen: listed(listenEndpoint, 'Listens for words: events and alerts that have them are told to the user, or in a channel.'),
  stopListening: listed(stopListeningEndpoint, 'Listens no more.'),
  listListeningGrants: listed(listListeningGrantsEndpoint, 'Who else may listen, and to which datasets.'),
  grantListening: listed(grantListeningEndpoint, 'Lets a role, a user or a channel listen.'),
  revokeListening: listed(revokeListeningEndpoint, 'Takes that back.'),
  listDigests: listed(listDigestsEndpoint, 'Digests of the configuration, and when each comes next.'),
  previewDigest: listed(previewDigestEndpoint, 'What a digest would say if it were due now.'),
  runBacktest: listed(backtestEndpoint, 'What a rule would have done in the past: how often, on whom, how many alerts a day.'),
  getOverview: listed(overviewEndpoint, 'A period against the one before it, and the state of the hub.'),
  listSources: listed(listSourcesEndpoint, 'What is heard, from whom, how regularly, and what could not be read.'),
  listFaultSamples: listed(faultSamplesEndpoint, 'The newest events that could not be read as they were meant.'),
  getSession: listed(sessionEndpoint, 'Who asks, and what they may do.'),
  getSignInWays: listed(signInWaysEndpoint, 'How one may sign in.'),
  signIn: listed(signInEndpoint, 'Signs in with name and password.'),
  signOut: listed(signOutEndpoint, 'Ends this session, or all of the user.'),
  lookAtSetupLink: listed(lookSetupEndpoint, 'What a one-time link is for.'),
  useSetupLink: listed(acceptSetupEndpoint, 'Uses a one-time link up: chooses a password and signs in.'),
  startOidc: listed(startOidcEndpoint, 'Leads to the OpenID provider.'),
  finishOidc: listed(finishOidcEndpoint, 'Where the OpenID provider leads back to.'),
  getAccount: listed(accountEndpoint, 'The own account, with its sessions.'),
  changePassword: listed(changePasswordEndpoint, 'Changes the own password.'),
  endSession: listed(endSessionEndpoint, 'Ends one of the own sessions.'),
  listColleagues: listed(colleaguesEndpoint, 'Who can work on alerts.'),
  listUsers: listed(listUsersEndpoint, 'Everybody who may sign in.'),
  createUser: listed(createUserEndpoint, 'Makes a user, with a one-time link for them.'),
  changeUser: listed(changeUserEndpoint, 'Changes role, datasets or state of a user.'),
  removeUser: listed(removeUserEndpoint, 'Removes a user.'),
  inviteUser: listed(inviteUserEndpoint, 'Makes a one-time link by which a user chooses a password.'),
  listUserSessions: listed(listUserSessionsEndpoint, 'Where a user is signed in.'),
  endUserSessions: listed(endUserSessionsEndpoint, 'Signs a user out everywhere.'),
  listTokens: listed(listTokensEndpoint, 'The tokens of the API.'),
  createToken: listed(createTokenEndpoint, 'Makes a token of the API.'),
  revokeToken: listed(revokeTokenEndpoint, 'Revokes a token of the API.'),
  ingest: listed(ingestEndpoint, 'Takes events in at an HTTP source.'),
  commandInSlack: listed(slackCommandsEndpoint, 'Answers a slash command of Slack.'),
  eventInSlack: listed(slackEventsEndpoint, 'What Slack tells of somebody who opened the Home tab.'),
  clickInSlack: listed(slackInteractivityEndpoint, 'What Slack tells of a click on a message.'),
  openAnswerPage: listed(answerPageEndpoint, 'The page on which somebody who was asked by mail answers.'),
  giveAnswer: listed(giveAnswerEndpoint, 'Takes the answer of somebody who was asked by mail.'),
  getMetrics: listed(metricsEndpoint, 'Metrics for Prometheus.'),
  getOpenApi: listed(openApiEndpoint, 'This API as OpenAPI 3.1.'),
  getHealth: listed(healthEndpoint, 'Whether the process answers.'),
  getReadiness: listed(readyEndpoint, 'Whether the hub can do its work.'),
};
