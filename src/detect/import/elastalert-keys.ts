import type { RuleNotes } from './imported.ts';
import { child, type LocatedMap } from './located.ts';

/** Keys that say how and to whom ElastAlert tells; here that is for the hub's settings. */
const TELLING =
  /^(alert(_.*|er|ers)?|realert|exponential_realert|aggregat(e|ion)(_.*)?|summary_.*|include|top_count_.*|raw_count_keys|email.*|notify_email|from_addr|reply_to|cc|bcc|smtp_.*|slack_.*|ms_.*|jira_.*|opsgenie_.*|pagerduty_.*|telegram_.*|discord_.*|victorops_.*|http_post.*|mattermost_.*|rocket_chat_.*|stomp_.*|twilio_.*|googlechat_.*|servicenow_.*|hive_.*|iris_.*|zbx_.*|sns_.*|ses_.*|chatwork_.*|command|pipe_.*|webhook.*|kibana_.*|generate_kibana.*|use_kibana.*|shorten_kibana.*|priority|owner|category)$/;

/** Keys about Elasticsearch and the times of questions; here every event is asked about as it comes. */
const ASKING =
  /^(es_.*|use_ssl|verify_certs|ca_certs|client_.*|ssl_.*|aws_.*|profile|boto_profile|index|use_strftime_index|timestamp_.*|buffer_time|query_delay|run_every|limit_execution|max_query_size|max_scrolling_count|scroll.*|use_count_query|use_terms_query|use_run_every_query_size|doc_type|terms_size|_source_enabled|attach_related|query_timezone|use_local_time|custom_pretty_ts_format)$/;

/** Every key that became nothing is named, by what takes its place. */
export function noteOtherKeys(rule: LocatedMap, used: ReadonlySet<string>, notes: RuleNotes): void {
  const others = [...rule.entries.keys()].filter((key) => !used.has(key));
  const telling = others.filter((key) => TELLING.test(key));
  const rest = others.filter((key) => !TELLING.test(key) && !ASKING.test(key));
  const lineOf = (key: string | undefined): number => (key === undefined ? rule.line : (child(rule, key)?.line ?? rule.line));
  if (telling.length > 0) {
    const why = 'who is told, how, and how often is no part of a rule here';
    notes.left(
      lineOf(telling[0]),
      telling.join(', '),
      why,
      'Write it under `routes` and `notifiers` in the settings; hits close together become one alert by themselves.',
    );
  }
  for (const key of rest) {
    const [why, mend] = MEANINGS[key] ?? ['not known here', 'See whether the rule means the same without it.'];
    notes.left(lineOf(key), key, why, mend);
  }
}

const CODE = ['code that changes or drops matches is not carried', 'Say what it drops as a selection under `not`.'] as const;

const MEANINGS: Readonly<Record<string, readonly [why: string, mend: string]>> = {
  import: ['the imported file is not read: its keys, also filters, are missing', 'Write its filters into the rule and convert again.'],
  is_enabled: ['rules here have no such switch', 'Name a rule that is not to alert under `rules.staged` in the settings.'],
  match_enhancements: CODE,
  run_enhancements_first: CODE,
};
