/** What people do takes minutes to days. */
const PACE_BUCKETS = [60, 300, 900, 1_800, 3_600, 14_400, 28_800, 86_400, 259_200, 604_800] as const;

/** Every metric of Earshot: one entry is one Prometheus series family. Labels are bounded sets: never a user, an address or a message. */
export const METRICS = {
  earshot_received_events_total: { type: 'counter', help: 'Messages received, by source.', labels: ['source'] },
  earshot_received_bytes_total: { type: 'counter', help: 'Bytes received, by source.', labels: ['source'] },
  earshot_decoded_events_total: { type: 'counter', help: 'Messages decoded, by format.', labels: ['format'] },
  earshot_undecoded_events_total: { type: 'counter', help: 'Messages stored without being decoded, by reason.', labels: ['reason'] },
  earshot_stored_events_total: { type: 'counter', help: 'Events stored in the engine.', labels: [] },
  earshot_dropped_events_total: { type: 'counter', help: 'Messages not kept, by source and reason.', labels: ['source', 'reason'] },
  earshot_resent_events_total: { type: 'counter', help: 'Messages recognised as sent before.', labels: ['source'] },
  earshot_truncated_events_total: {
    type: 'counter',
    help: 'Messages of which only the beginning was kept, by source and reason.',
    labels: ['source', 'reason'],
  },
  earshot_refused_connections_total: {
    type: 'counter',
    help: 'Connections not taken or cut, by source and reason.',
    labels: ['source', 'reason'],
  },
  earshot_rule_hits_total: { type: 'counter', help: "Hits, by the rule's id.", labels: ['rule'] },
  earshot_ungrouped_hits_total: {
    type: 'counter',
    help: 'Hits that a correlation does not count, as the event lacks a value that it groups by or counts, by rule.',
    labels: ['rule'],
  },
  earshot_rule_seconds_total: { type: 'counter', help: 'Time spent in a rule, sampled.', labels: ['rule'] },
  earshot_deferred_rules_total: {
    type: 'counter',
    help: 'Events that a rule has left to the side lane, as rule or event cost too much, by rule.',
    labels: ['rule'],
  },
  earshot_rule_aside: {
    type: 'gauge',
    help: '1 while a rule takes more than its share of the time and the side lane judges its events.',
    labels: ['rule'],
  },
  earshot_side_lane_lag_seconds: { type: 'gauge', help: 'Age of the oldest event that waits for the side lane.', labels: [] },
  earshot_raw_log_bytes: { type: 'gauge', help: 'Bytes waiting in the raw log.', labels: [] },
  earshot_raw_log_fill_ratio: { type: 'gauge', help: 'Raw log fill, 0 to 1 of its bound.', labels: [] },
  earshot_store_lag_seconds: { type: 'gauge', help: 'Age of the oldest message not yet searchable.', labels: [] },
  earshot_searchable_seconds: { type: 'histogram', help: 'Receive to searchable.', labels: [] },
  earshot_engine_restarts_total: { type: 'counter', help: 'Restarts of the engine process.', labels: [] },
  earshot_engine_up: { type: 'gauge', help: '1 while the engine answers.', labels: [] },
  earshot_connections: { type: 'gauge', help: 'Open connections, by source.', labels: ['source'] },
  earshot_alerts_total: { type: 'counter', help: 'Alerts opened, by level.', labels: ['level'] },
  earshot_silence_refused_total: {
    type: 'counter',
    help: 'Events whose key is not watched for silence, as there are too many, by rule.',
    labels: ['rule'],
  },
  earshot_quiet_findings_total: {
    type: 'counter',
    help: 'What correlations, baselines and silence have found that leads to no alert, as it is on trial or only counted, by kind.',
    labels: ['kind'],
  },
  earshot_correlation_tick_seconds: { type: 'histogram', help: 'One round of looking for what correlations find.', labels: [] },
  earshot_correlation_lag_seconds: { type: 'gauge', help: 'How far correlations are behind what is received.', labels: [] },
  earshot_correlation_groups_aside: {
    type: 'gauge',
    help: 'Groups of correlations that took too much of the engine, and are tried again while the others go on.',
    labels: [],
  },
  earshot_counters_filling: {
    type: 'gauge',
    help: 'What correlations and baselines count, as long as its past is not counted yet. They look for nothing before, and then at all of it.',
    labels: [],
  },
  earshot_correlation_gap_seconds: {
    type: 'gauge',
    help: 'Time of events that correlations or baselines have passed over. It should be 0.',
    labels: [],
  },
  earshot_baseline_lag_seconds: { type: 'gauge', help: 'How far baselines are behind what is received.', labels: [] },
  earshot_alert_acknowledge_seconds: {
    type: 'histogram',
    help: 'Opening of an alert to the first thing that somebody did about it, by level.',
    labels: ['level'],
    buckets: PACE_BUCKETS,
  },
  earshot_alert_resolve_seconds: {
    type: 'histogram',
    help: 'Opening of an alert to its resolution, by level. One that is reopened and resolved again counts again.',
    labels: ['level'],
    buckets: PACE_BUCKETS,
  },
  earshot_notifications_total: {
    type: 'counter',
    help: 'Notification attempts, by notifier and verdict.',
    labels: ['notifier', 'verdict'],
  },
  earshot_click_line_up: {
    type: 'gauge',
    help: '1 while the line is up over which Slack tells of clicks (Socket Mode), by notifier.',
    labels: ['notifier'],
  },
  earshot_clicks_total: {
    type: 'counter',
    help: 'Clicks on messages that were run, by notifier and outcome: done or refused.',
    labels: ['notifier', 'outcome'],
  },
  earshot_api_calls_total: {
    type: 'counter',
    help: "Calls of others' APIs, by API, method and outcome: answered, limited (429), failed (no answer), held (not made, as there were too many).",
    labels: ['api', 'method', 'outcome'],
  },
  earshot_api_call_wait_seconds: {
    type: 'histogram',
    help: "How long calls of others' APIs waited for their turn, by API and method.",
    labels: ['api', 'method'],
  },
  earshot_asks_total: {
    type: 'counter',
    help: 'People who were asked whether it was them, by what came of it: sent, failed, expired, me or not_me.',
    labels: ['outcome'],
  },
  earshot_acts_total: {
    type: 'counter',
    help: 'Acts in other systems that were tried, by system and outcome: done, retry, refused or unknown.',
    labels: ['system', 'outcome'],
  },
  earshot_whispers_total: {
    type: 'counter',
    help: 'Attempts to tell a person or channel what is for them alone: what they listen for, digests; by notifier and verdict.',
    labels: ['notifier', 'verdict'],
  },
  earshot_message_edits_total: {
    type: 'counter',
    help: 'Edits that brought a message up to date, or should have, by notifier and verdict.',
    labels: ['notifier', 'verdict'],
  },
  earshot_outbox_pending: { type: 'gauge', help: 'Notifications waiting.', labels: [] },
  earshot_outbox_dead: { type: 'gauge', help: 'Notifications given up.', labels: [] },
} as const satisfies Record<`earshot_${string}`, Metric>;

interface Metric {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds, in seconds; absent: those of what a machine does. */
  readonly buckets?: readonly number[];
}

export type MetricName = keyof typeof METRICS;
export type Labels<N extends MetricName> = { readonly [L in (typeof METRICS)[N]['labels'][number]]: string };
