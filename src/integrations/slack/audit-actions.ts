import type { EcsCategory, EcsEventType, EcsOutcome } from '../../model/ecs-words.ts';

/**
 * Who acts.
 *
 * - `user`: whom the entry names as its actor. Of an anomaly it is the person whose session it was.
 * - `inviter`: where somebody was invited, who invited them: address and program in the entry are the inviter's. Else the actor.
 * - `slack`: Slack itself, whoever the entry names.
 */
export type Actor = 'user' | 'inviter' | 'slack';

/** What is acted on. An entry that says so itself (`entity.type`) goes before. */
export type Target =
  | 'organization'
  | 'user'
  | 'usergroup'
  | 'role'
  | 'channel'
  | 'message'
  | 'huddle'
  | 'file'
  | 'canvas'
  | 'list'
  | 'template'
  | 'app'
  | 'function'
  | 'workflow'
  | 'token'
  | 'barrier'
  | 'legal_hold_policy';

export interface Meaning {
  readonly category: readonly EcsCategory[];
  readonly type: readonly EcsEventType[];
  /** `unknown`: it was begun or asked for, and how it ended is not said. */
  readonly outcome: EcsOutcome;
  readonly actor: Actor;
  readonly target: Target;
  /** Nothing better is known: Slack's pages do not say what such an action is. */
  readonly fallback?: true;
}

export interface ActionGroup extends Meaning {
  readonly actions: readonly string[];
}

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const group = (
  category: EcsCategory | readonly EcsCategory[],
  type: EcsEventType | readonly EcsEventType[],
  outcome: EcsOutcome,
  [actor, target]: readonly [Actor, Target],
  actions: string,
): ActionGroup => ({
  category: typeof category === 'string' ? [category] : category,
  type: typeof type === 'string' ? [type] : type,
  outcome,
  actor,
  target,
  actions: words(actions),
});

/** Signing in and out, and what ends sessions. */
const SESSIONS: readonly ActionGroup[] = [
  group(['authentication', 'session'], 'start', 'success', ['user', 'user'], 'user_login cli_login'),
  group('authentication', 'start', 'failure', ['user', 'user'], 'user_login_failed ip_allowlist_access_denied'),
  group(['authentication', 'session'], 'end', 'success', ['user', 'user'], 'user_logout cli_logout'),
  group(
    'session',
    'end',
    'success',
    ['user', 'user'],
    `user_logout_compromised user_logout_non_compliant_mobile_app_version user_session_invalidated user_session_reset_by_admin
     bulk_session_reset_by_admin`,
  ),
  group(
    'session',
    'end',
    'success',
    ['slack', 'user'],
    'user_sessions_reset_by_anomaly_event_response user_sessions_reset_by_circuit_breaker',
  ),
  group('session', 'info', 'success', ['slack', 'user'], 'user_force_upgrade_non_compliant_mobile_app_version'),
  group('intrusion_detection', 'info', 'unknown', ['user', 'user'], 'anomaly'),
];

/** Persons, guests, their roles, and groups of them. */
const PEOPLE: readonly ActionGroup[] = [
  group('iam', ['user', 'creation'], 'success', ['user', 'user'], 'user_created guest_created org_owner_created'),
  group('iam', ['user', 'deletion'], 'success', ['user', 'user'], 'user_deactivated guest_deactivated user_profile_deleted'),
  group('iam', ['user', 'deletion'], 'success', ['slack', 'user'], 'guest_expired'),
  group(
    'iam',
    ['user', 'change'],
    'success',
    ['user', 'user'],
    `user_reactivated guest_reactivated guest_expiration_set guest_expiration_cleared user_email_updated user_username_updated
     user_profile_updated user_joined_workspace guest_joined_workspace guest_transferred_to_external_user external_user_disconnected
     user_merged user_session_settings_changed user_passkey_created user_passkey_removed user_passkey_name_edited
     user_password_reset_by_admin role_change_to_user role_change_to_guest user_anomaly_event_reponse_allowlist_changed
     user_anomaly_event_response_allowlist_changed migration_user_conflict_resolved migration_user_conflict_resolution_deleted
     quip_migration_user_mapping_added quip_migration_user_mapping_removed license_assigned license_removed`,
  ),
  group('iam', ['user', 'change'], 'success', ['slack', 'user'], 'user_password_reset_slack_security'),
  group('iam', ['user', 'change'], 'unknown', ['user', 'user'], 'user_password_reset_requested'),
  group(
    'iam',
    ['user', 'info'],
    'success',
    ['user', 'user'],
    `custom_tos_accepted custom_tos_link_clicked user_profile_flagged user_profile_flag_dismissed user_profile_flag_moderated
     user_profile_flag_assignment user_profile_flag_unassignment user_added_reminder`,
  ),
  group(
    'iam',
    ['admin', 'user', 'change'],
    'success',
    ['user', 'user'],
    'role_change_to_admin role_change_to_owner owner_transferred role_assigned role_removed',
  ),
  group('iam', ['admin', 'creation'], 'success', ['user', 'role'], 'role_created'),
  group('iam', ['admin', 'change'], 'success', ['user', 'role'], 'role_updated permissions_assigned permissions_removed'),
  group('iam', ['admin', 'deletion'], 'success', ['user', 'role'], 'role_deleted'),
  group(
    'iam',
    ['group', 'change'],
    'success',
    ['user', 'usergroup'],
    `user_added_to_usergroup user_removed_from_usergroup default_channel_added_to_usergroup default_channel_removed_from_usergroup
     usergroup_added_to_team usergroup_removed_from_team usergroup_updated usergroup_section_updated
     usergroup_anomaly_event_response_allowlist_changed`,
  ),
  group(
    'iam',
    ['group', 'admin', 'change'],
    'success',
    ['user', 'usergroup'],
    'role_added_to_usergroup role_removed_from_usergroup role_modified_on_usergroup',
  ),
  group(
    'iam',
    ['group', 'change'],
    'unknown',
    ['user', 'usergroup'],
    `usergroup_add_to_team_enqueued usergroup_remove_from_team_enqueued usergroup_update_enqueued
     user_bulk_upload_to_usergroup_started`,
  ),
  group('iam', ['group', 'change'], 'failure', ['user', 'usergroup'], 'user_add_to_usergroup_failed'),
];

/** Channels, who is in them, and what is shared with other organizations. */
const CHANNELS: readonly ActionGroup[] = [
  group('iam', ['group', 'change'], 'success', ['inviter', 'channel'], 'user_channel_join guest_channel_join dm_user_added'),
  group('iam', ['group', 'change'], 'success', ['user', 'channel'], 'user_channel_leave guest_channel_leave'),
  group(
    'configuration',
    'creation',
    'success',
    ['user', 'channel'],
    'public_channel_created private_channel_created channel_email_address_created channel_template_provisioned',
  ),
  group(
    'configuration',
    'deletion',
    'success',
    ['user', 'channel'],
    `public_channel_deleted private_channel_deleted public_channel_archive private_channel_archive record_channel_archive
     channel_email_address_deleted`,
  ),
  group(
    'configuration',
    'change',
    'success',
    ['user', 'channel'],
    `public_channel_unarchive private_channel_unarchive record_channel_unarchive mpim_converted_to_private
     public_channel_converted_to_private private_channel_converted_to_public group_converted_to_channel
     channel_converted_to_record_channel record_channel_converted_to_channel record_channel_channel_type_conversion
     channel_workspaces_updated channel_moved channel_renamed channel_retention_changed channel_posting_pref_changed_from_org_level
     channel_membership_limit_changed_from_org_level channel_can_huddle_pref_changed_from_org_level
     channel_enable_at_channel_pref_changed_from_org_level channel_enable_at_here_pref_changed_from_org_level
     channel_posting_permissions_updated channel_tab_added channel_tab_removed featured_workflow_added featured_workflow_removed
     channel_huddle_properties_updated channel_exclude_from_slack_ai_updated service_owner_transferred
     channel_restrict_guests_updated channel_restrict_message_and_file_sharing_updated channel_properties_updated`,
  ),
  group('web', 'access', 'success', ['user', 'channel'], 'public_channel_preview'),
  group(
    'web',
    'info',
    'success',
    ['user', 'channel'],
    `channel_detail_flagged channel_detail_flag_assignment channel_detail_flag_unassignment channel_detail_flag_moderated
     channel_detail_flag_dismissed`,
  ),
  group(
    'iam',
    ['group', 'change'],
    'success',
    ['user', 'channel'],
    `external_shared_channel_invite_accepted external_shared_channel_invite_approved external_shared_channel_invite_request_approved
     external_shared_channel_connected external_shared_channel_disconnected external_shared_channel_reconnected
     external_shared_channel_disconnect_and_archived external_shared_channel_access_upgraded
     external_shared_channel_access_downgraded external_shared_channel_host_transferred connect_dm_invite_accepted`,
  ),
  group(
    'iam',
    ['group', 'info'],
    'unknown',
    ['user', 'channel'],
    `external_shared_channel_invite_sent external_shared_channel_invite_created external_shared_channel_invite_requested
     connect_dm_invite_generated`,
  ),
  group(
    'iam',
    ['group', 'info'],
    'failure',
    ['user', 'channel'],
    `external_shared_channel_invite_declined external_shared_channel_invite_revoked external_shared_channel_invite_request_denied
     connect_dm_invite_revoked connect_dm_invite_ignored`,
  ),
  group(
    'iam',
    ['group', 'info'],
    'failure',
    ['slack', 'channel'],
    'external_shared_channel_invite_expired external_shared_channel_invite_auto_revoked',
  ),
];

/** Messages and huddles: what was done with them, never what they say. */
const TALK: readonly ActionGroup[] = [
  group(
    'web',
    'info',
    'success',
    ['user', 'message'],
    `message_tombstoned message_restored message_flagged message_moderated message_flag_dismissed message_flag_assignment
     message_flag_unassignment message_flag_restored thread_replies_disabled thread_replies_enabled thread_hidden ai_message_redacted
     ai_message_redaction_restored`,
  ),
  group(
    'web',
    'access',
    'success',
    ['user', 'message'],
    'private_message_forwarded message_activity_viewed sales_home_notification_forwarded record_shared',
  ),
  group('session', 'start', 'success', ['user', 'huddle'], 'huddle_started huddle_participant_joined huddle_knock_accepted'),
  group('session', 'end', 'success', ['user', 'huddle'], 'huddle_ended huddle_participant_left huddle_participant_dropped'),
  group(
    'session',
    'info',
    'success',
    ['user', 'huddle'],
    `huddle_screenshare_on huddle_screenshare_off huddle_participant_transcript_consent huddle_transcription_start_notification
     huddle_transcription_started huddle_transcription_resumed huddle_transcription_cancelled huddle_transcription_paused
     slack_ai_huddle_notes_generated`,
  ),
];

/** Files, canvases, lists and templates. Slack logs a file that was looked at as `file_downloaded`, too. */
const CONTENT: readonly ActionGroup[] = [
  group('file', 'access', 'success', ['user', 'file'], 'file_downloaded file_shared'),
  group('file', 'creation', 'success', ['user', 'file'], 'file_uploaded'),
  group('file', 'deletion', 'success', ['user', 'file'], 'file_deleted slack_ai_file_summary_deleted'),
  group(
    'file',
    'change',
    'success',
    ['user', 'file'],
    'file_public_link_created file_public_link_revoked file_owner_reassigned_for_quip_migration',
  ),
  group(
    'file',
    'info',
    'failure',
    ['user', 'file'],
    'file_downloaded_blocked file_download_blocked file_upload_blocked_by_type file_share_blocked_by_type',
  ),
  group(['malware', 'file'], 'info', 'success', ['user', 'file'], 'file_malicious_content_detected'),
  group('file', 'info', 'success', ['user', 'file'], 'slack_ai_file_summary_generated slack_ai_file_summary_translation_generated'),
  group('file', 'access', 'success', ['user', 'canvas'], 'canvas_opened canvas_downloaded canvas_shared canvas_template_used'),
  group('file', 'creation', 'success', ['user', 'canvas'], 'canvas_created canvas_quip_document_cloned'),
  group('file', 'deletion', 'success', ['user', 'canvas'], 'canvas_deleted canvas_tombstoned'),
  group(
    'file',
    'change',
    'success',
    ['user', 'canvas'],
    `canvas_access_added canvas_access_downgraded canvas_access_revoked canvas_access_upgraded canvas_edited
     canvas_linksharing_disabled canvas_linksharing_enabled canvas_merged canvas_ownership_transferred canvas_restored canvas_unshared
     canvas_converted_to_template canvas_template_reverted canvas_undeleted canvas_restricted_sharing_enabled
     canvas_restricted_sharing_disabled canvas_converted_to_standalone canvas_quip_migration_undone canvas_slack_ai_exclusion_enabled
     canvas_slack_ai_exclusion_disabled slack_ai_canvas_content_generated slackbot_ai_canvas_approval_bypassed`,
  ),
  group('file', 'info', 'failure', ['user', 'canvas'], 'canvas_share_limit_reached'),
  group('file', 'access', 'success', ['user', 'list'], 'list_opened list_downloaded list_shared'),
  group('file', 'creation', 'success', ['user', 'list'], 'list_created'),
  group('file', 'deletion', 'success', ['user', 'list'], 'list_deleted list_tombstoned'),
  group(
    'file',
    'change',
    'success',
    ['user', 'list'],
    `list_cell_updated list_column_created list_column_updated list_column_deleted list_column_reverted list_converted_to_template
     list_undeleted list_description_updated list_icon_updated list_row_created list_row_updated list_row_deleted list_rows_archived
     list_rows_deleted list_rows_undeleted list_template_reverted list_template_status_updated list_template_type_updated
     list_title_updated list_todo_mode_updated list_restored list_full_restored list_view_created list_view_updated list_view_deleted
     list_default_view_updated list_access_revoked list_access_downgraded list_access_upgraded list_access_added
     list_linksharing_disabled list_linksharing_enabled list_ownership_transferred list_restricted_sharing_enabled
     list_restricted_sharing_disabled list_slack_ai_exclusion_enabled list_slack_ai_exclusion_disabled`,
  ),
  group('file', 'info', 'failure', ['user', 'list'], 'list_share_limit_reached'),
  group('file', 'creation', 'success', ['user', 'template'], 'template_created template_provisioned'),
  group('file', 'deletion', 'success', ['user', 'template'], 'template_deleted'),
  group('file', 'change', 'success', ['user', 'template'], 'template_updated template_collaborator_added template_collaborator_removed'),
];

/** Apps, bots and their tokens, workflows, functions, and the servers of tools (MCP) that agents call. */
const APPS: readonly ActionGroup[] = [
  group(
    'package',
    'installation',
    'success',
    ['user', 'app'],
    'app_installed org_app_installed org_app_workspace_added org_app_upgraded_to_org_install cli_app_install cli_app_deploy app_deployed',
  ),
  group('package', 'installation', 'success', ['slack', 'app'], 'child_app_auto_installed'),
  group('package', 'installation', 'failure', ['slack', 'app'], 'child_app_auto_install_denied'),
  group(
    'package',
    'deletion',
    'success',
    ['user', 'app'],
    'app_uninstalled org_app_uninstalled org_app_workspace_removed app_deleted cli_app_delete agentforce_agent_slack_deleted',
  ),
  group(
    'package',
    'change',
    'success',
    ['user', 'app'],
    `app_scopes_expanded app_resources_granted app_resources_added app_token_preserved workflow_app_token_preserved bot_token_upgraded
     bot_token_downgraded app_collaborator_added app_collaborator_removed app_variable_added app_variable_removed app_manifest_created
     app_manifest_updated child_app_manifest_created child_app_manifest_updated child_app_manifest_deleted
     child_app_manager_disconnected agentforce_agent_activated agentforce_agent_deactivated agentforce_agent_slack_connection_added
     agentforce_agent_slack_connection_removed agentforce_agent_actions_updated agentforce_agent_metadata_updated`,
  ),
  group('package', 'access', 'success', ['user', 'app'], 'child_app_manifest_exported'),
  group('database', 'change', 'success', ['user', 'app'], 'app_datastore_created app_datastore_updated app_datastore_deleted'),
  group(
    'configuration',
    'change',
    'success',
    ['user', 'app'],
    `app_approved app_restricted app_removed_from_whitelist admin_app_config_updated org_app_future_workspace_install_enabled
     org_app_future_workspace_install_disabled app_mcp_server_updated app_mcp_server_acl_changed app_mcp_server_auth_strategy_set
     app_allowlist_rule_updated app_allowlist_rule_activated app_allowlist_rule_deactivated app_allowlist_rule_reordered
     app_allowlist_scopes_rating_updated salesforce_mcp_server_enabled salesforce_mcp_server_disabled
     salesforce_mcp_server_config_updated salesforce_mcp_server_org_disconnected salesforce_mcp_server_org_reconnected
     salesforce_mcp_server_workspace_granted salesforce_mcp_server_workspace_revoked salesforce_mcp_server_acl_updated`,
  ),
  group(
    'configuration',
    'creation',
    'success',
    ['user', 'app'],
    'app_allowlist_rule_created child_app_auto_install_rule_created app_mcp_server_added',
  ),
  group(
    'configuration',
    'deletion',
    'success',
    ['user', 'app'],
    'app_allowlist_rule_deleted app_mcp_server_removed salesforce_mcp_server_deleted',
  ),
  group('configuration', 'info', 'success', ['slack', 'app'], 'app_allowlist_rule_matched'),
  group('process', 'start', 'success', ['user', 'app'], 'app_flows_execute_slack_action app_agentforce_execute_slack_action'),
  group(
    'api',
    'creation',
    'success',
    ['user', 'app'],
    `app_agentforce_shareable_prompt_created app_agentforce_session_created_from_prompt_link slackbot_ai_shareable_prompt_created
     slack_ai_skill_share_link_created slack_ai_skill_external_copy_added`,
  ),
  group('api', 'deletion', 'success', ['user', 'app'], 'slack_ai_skill_share_link_revoked'),
  group(
    'api',
    'change',
    'success',
    ['user', 'app'],
    'slack_ai_skill_metadata_updated slack_ai_skill_auto_enabled slack_ai_skill_auto_disabled',
  ),
  group('configuration', 'creation', 'success', ['user', 'workflow'], 'workflow_created workflow_published workflow_v2_published'),
  group('configuration', 'deletion', 'success', ['user', 'workflow'], 'workflow_deleted workflow_unpublished'),
  group(
    'configuration',
    'change',
    'success',
    ['user', 'workflow'],
    'workflow_modified workflow_trigger_permission_set workflow_trigger_permission_added workflow_trigger_permission_removed',
  ),
  group('file', 'access', 'success', ['user', 'workflow'], 'workflow_responses_csv_download'),
  group(
    'intrusion_detection',
    'info',
    'unknown',
    ['user', 'workflow'],
    'workflow_trigger_suspicious_keyword workflow_ai_answer_suspicious_prompt',
  ),
  group('iam', 'info', 'success', ['user', 'token'], 'external_auth_oauth2_token_fetched external_auth_oauth2_token_refreshed'),
  group('iam', 'deletion', 'success', ['user', 'token'], 'external_auth_oauth2_token_deleted'),
  group(
    'configuration',
    'change',
    'success',
    ['user', 'function'],
    `function_distribution_permission_added function_distribution_permission_removed
     function_distribution_permission_set`,
  ),
];

/** What people and agents let Slack’s AI and its tools do. */
const TOOLS: readonly ActionGroup[] = [
  group(
    'api',
    'access',
    'success',
    ['user', 'organization'],
    `mcp_slack_read_canvas_tool_called mcp_slack_read_channel_tool_called mcp_slack_read_thread_tool_called
     mcp_slack_read_user_profile_tool_called mcp_slack_read_file_tool_called mcp_slack_read_list_tool_called
     mcp_slack_search_public_tool_called mcp_slack_search_channels_tool_called mcp_slack_search_public_and_private_tool_called
     mcp_slack_search_users_tool_called mcp_slack_search_emojis_tool_called mcp_slack_list_channel_members_tool_called
     mcp_slack_list_user_channels_tool_called mcp_slack_list_workflows_tool_called mcp_slack_get_reactions_tool_called
     mcp_slack_get_workflow_details_tool_called mcp_slack_get_workflow_execution_status_tool_called slack_ai_mcp_tool_called
     slack_ai_mcp_resource_read slack_ai_mcp_link_opened slack_ai_calendar_read slack_ai_skill_invoked`,
  ),
  group(
    'api',
    'creation',
    'success',
    ['user', 'organization'],
    `mcp_slack_create_canvas_tool_called mcp_slack_create_draft_tool_called mcp_slack_create_draft_message_tool_called
     mcp_slack_create_conversations_tool_called mcp_slack_create_conversation_tool_called mcp_slack_create_list_tool_called
     mcp_slack_add_list_record_tool_called mcp_slack_send_message_tool_called mcp_slack_send_message_draft_tool_called
     mcp_slack_schedule_message_tool_called mcp_slack_get_file_upload_url_tool_called mcp_slack_complete_file_upload_tool_called
     slack_ai_mcp_message_sent slack_ai_calendar_create`,
  ),
  group(
    'api',
    'change',
    'success',
    ['user', 'organization'],
    `mcp_slack_update_canvas_tool_called mcp_slack_canvas_find_replace_tool_called mcp_slack_update_list_tool_called
     mcp_slack_update_list_record_tool_called mcp_slack_mark_read_tool_called mcp_slack_add_reaction_tool_called
     slack_ai_calendar_update`,
  ),
  group('api', 'deletion', 'success', ['user', 'organization'], 'mcp_slack_delete_list_record_tool_called'),
  group('api', 'start', 'success', ['user', 'organization'], 'mcp_slack_run_workflow_tool_called'),
  group(
    'api',
    'info',
    'success',
    ['user', 'organization'],
    `slack_ai_summary_requested slack_ai_suggested_todo_generated slack_ai_suggested_todo_regenerated
     slack_ai_suggested_todo_dismissed slack_ai_todo_title_generated slack_ai_message_rewriter
     slack_ai_message_translation_generated slack_ai_message_explanation_generated audit_logs_ai_summary_generated`,
  ),
  group(
    'configuration',
    'change',
    'success',
    ['user', 'organization'],
    'slack_ai_mcp_tool_permission_changed slack_ai_mcp_connector_changed slack_ai_permissions_reset',
  ),
];

/** Data taken out: the exports of messages, of channels, of the log itself and of analytics. */
const EXPORTS: readonly ActionGroup[] = [
  group(
    'file',
    'creation',
    'unknown',
    ['user', 'organization'],
    `manual_export_started scheduled_export_started channels_export_started manual_user_export_started channel_audit_export_started
     audit_logs_export_csv_started audit_logs_export_json_started search_query_audit_logs_export_started
     security_settings_export_started apps_analytics_export_started workflow_analytics_export_started
     slackbot_analytics_export_started`,
  ),
  group(
    'file',
    'creation',
    'success',
    ['user', 'organization'],
    `manual_export_completed scheduled_export_completed channels_export_completed manual_user_export_completed
     channel_audit_export_completed search_query_audit_logs_export_completed security_settings_export_completed
     apps_analytics_export_prepared export_private_channel_analytics_created`,
  ),
  group(
    'file',
    'access',
    'success',
    ['user', 'organization'],
    `manual_export_downloaded scheduled_export_downloaded channels_export_downloaded manual_user_export_downloaded
     channel_audit_export_downloaded search_query_audit_logs_export_downloaded`,
  ),
  group(
    'file',
    'deletion',
    'success',
    ['user', 'organization'],
    `manual_export_deleted scheduled_export_deleted channels_export_deleted manual_user_export_deleted channel_audit_export_deleted
     search_query_audit_logs_export_deleted`,
  ),
  group('database', 'access', 'success', ['user', 'organization'], 'audit_logs_records_searched audit_logs_records_searched_anomaly'),
  group('file', 'creation', 'failure', ['user', 'organization'], 'search_query_audit_logs_max_rows_failure'),
];

/** The rules of the organization: protection of data, sign-in, domains, keys, migrations, and several hundred settings. */
const ORGANIZATION: readonly ActionGroup[] = [
  group('configuration', 'creation', 'success', ['user', 'organization'], 'workspace_created organization_created'),
  group('configuration', 'deletion', 'success', ['user', 'organization'], 'workspace_deleted organization_deleted'),
  group(
    'configuration',
    'change',
    'success',
    ['user', 'organization'],
    `organization_renamed organization_domain_changed org_verified org_unverified org_public_url_updated organization_verified
     organization_unverified organization_public_url_updated billing_address_added data_deletion_date_changed
     corporate_exports_approved corporate_exports_enabled organization_channel_audit_export_enabled
     workspace_channel_audit_export_enabled export_app_configuration_upserted export_app_configuration_deleted
     slack_connect_invite_routing_enabled slack_connect_invite_routing_disabled slack_connect_guidelines_changed
     slack_connect_pref_set slack_connect_pref_removed slack_connect_pref_migrated approved_orgs_added approved_orgs_removed
     intune_enabled intune_disabled flexible_access_control_set ip_allowlist_enabled ip_allowlist_disabled
     team_authorized_ip_range_set team_authorized_ip_range_added team_authorized_ip_range_removed domain_email_restricted
     domain_email_unrestricted prefs_setting_changed`,
  ),
  group('configuration', 'change', 'success', ['user', 'organization'], 'emoji_added emoji_removed emoji_aliased emoji_renamed'),
  group('configuration', 'creation', 'success', ['user', 'organization'], 'domain_created domain_verified'),
  group('configuration', 'deletion', 'success', ['user', 'organization'], 'domain_deleted domain_unverified'),
  group('iam', ['admin', 'creation'], 'success', ['user', 'organization'], 'idp_configuration_added auth_policy_created'),
  group('iam', ['admin', 'deletion'], 'success', ['user', 'organization'], 'idp_configuration_deleted'),
  group(
    'iam',
    ['admin', 'change'],
    'success',
    ['user', 'organization'],
    `idp_prod_configuration_updated idp_test_configuration_updated auth_policy_entity_assigned auth_policy_entity_removed
     enterprise_managed_auth_enabled enterprise_managed_auth_disabled enterprise_managed_auth_rebound seamless_auth_org_created
     seamless_auth_org_update seamless_auth_org_updated seamless_auth_org_disconnected seamless_auth_team_token_created
     seamless_auth_team_token_revoked seamless_auth_user_token_created seamless_auth_user_token_revoked salesforce_access_granted
     salesforce_access_removed salesforce_permissions_synced`,
  ),
  group(
    'configuration',
    'change',
    'success',
    ['user', 'organization'],
    'ekm_enrolled ekm_unenrolled ekm_key_added ekm_key_removed ekm_clear_cache_set ekm_logging_config_set',
  ),
  group(
    'configuration',
    'info',
    'success',
    ['slack', 'organization'],
    `ekm_slackbot_enroll_notification_sent ekm_slackbot_unenroll_notification_sent ekm_slackbot_rekey_notification_sent
     ekm_slackbot_logging_notification_sent`,
  ),
  group('configuration', 'creation', 'success', ['user', 'organization'], 'native_dlp_rule_created'),
  group(
    'configuration',
    'change',
    'success',
    ['user', 'organization'],
    'native_dlp_rule_deactivated native_dlp_rule_reactivated native_dlp_rule_edited',
  ),
  group('intrusion_detection', 'info', 'success', ['user', 'message'], 'native_dlp_rule_action_applied'),
  group('configuration', 'deletion', 'success', ['user', 'message'], 'native_dlp_violation_deleted'),
  group('configuration', 'creation', 'success', ['user', 'barrier'], 'barrier_created'),
  group('configuration', 'change', 'success', ['user', 'barrier'], 'barrier_updated'),
  group('configuration', 'deletion', 'success', ['user', 'barrier'], 'barrier_deleted'),
  group('configuration', 'creation', 'success', ['user', 'legal_hold_policy'], 'legal_hold_policy_created'),
  group(
    'configuration',
    'change',
    'success',
    ['user', 'legal_hold_policy'],
    `legal_hold_policy_updated legal_hold_policy_reactivated legal_hold_policy_entities_added legal_hold_policy_entities_deleted
     legal_hold_policy_exclusion_added legal_hold_policy_exclusion_deleted`,
  ),
  group('configuration', 'deletion', 'success', ['user', 'legal_hold_policy'], 'legal_hold_policy_released'),
  group(
    'configuration',
    'change',
    'success',
    ['user', 'organization'],
    `organization_accepted_migration workspace_accepted_migration organization_accepted_migration_intent
     team_accepted_migration_intent migration_completed migration_dms_mpdms_completed migration_checklist_item_completed
     migration_bulk_email_process_completed migration_bulk_user_resolutions_uploaded migration_bulk_user_resolutions_undone
     quip_migration_org_mapping_added quip_migration_org_mapping_removed quip_migration_org_mapping_deleted
     quip_migration_org_mapping_updated workspace_copy_approved workspace_copy_approval_source workspace_copy_approval_target
     workspace_copy_completed`,
  ),
  group(
    'configuration',
    'change',
    'unknown',
    ['user', 'organization'],
    'migration_scheduled organization_created_migration_intent workspace_copy_scheduled workspace_copy_started',
  ),
  group(
    'configuration',
    'change',
    'failure',
    ['user', 'organization'],
    `organization_declined_migration workspace_declined_migration organization_declined_migration_intent
     team_declined_migration_intent migration_bulk_user_resolutions_upload_failed`,
  ),
  group(
    'host',
    'start',
    'success',
    ['slack', 'organization'],
    `team.unsupportedVersions.start.success team.unsupportedVersions.job.start team_unsupported_versions_start_success
     team_unsupported_versions_job_start`,
  ),
  group('host', 'end', 'success', ['slack', 'organization'], 'team.unsupportedVersions.job.end team_unsupported_versions_job_end'),
  group(
    'host',
    'start',
    'failure',
    ['slack', 'organization'],
    'team.unsupportedVersions.start.failure team_unsupported_versions_start_failure',
  ),
  group(
    'database',
    'change',
    'success',
    ['user', 'organization'],
    `contacts_import_completed object_import_completed field_created field_updated field_visibility_updated
     salesforce_channels_retention_settings_synced`,
  ),
  group('database', 'change', 'unknown', ['user', 'organization'], 'contacts_import_initiated object_import_initiated'),
  group('database', 'change', 'failure', ['user', 'organization'], 'contacts_import_failed object_import_failed'),
  group(
    'configuration',
    'change',
    'success',
    ['user', 'organization'],
    `sales_elevate_workflow_updated sales_elevate_members_added sales_elevate_members_removed sales_elevate_object_mappings_set
     sales_elevate_object_mappings_updated sales_elevate_notifications_settings_updated
     sales_elevate_opportunity_list_settings_updated sales_elevate_org_connection_added sales_elevate_org_connection_removed
     sales_elevate_sales_admin_activity_config_changed`,
  ),
];

/** How people sign in, how long sessions last, and from which devices. */
const SIGN_IN_SETTINGS = group(
  ['configuration', 'iam'],
  ['admin', 'change'],
  'success',
  ['user', 'organization'],
  `pref.sso_setting_changed pref.sso_sync_with_provider pref.two_factor_auth_changed pref.two_factor_prevent_sms_changed
   pref.session_duration_changed pref.session_duration_type_changed pref.mobile_session_duration_changed
   pref.mobile_secondary_auth_timeout_changed pref.sign_in_with_slack_disabled pref.workspace_access_changed
   pref.enterprise_mobile_device_check pref.ent_required_browser pref.ent_required_browser_name pref.ent_browser_control
   pref.required_minimum_mobile_version_changed pref.required_minimum_desktop_version_changed`,
);

/** What becomes of data, who may see it, and what is written down. */
const DATA_SETTINGS = group(
  'configuration',
  'change',
  'success',
  ['user', 'organization'],
  `pref.public_channel_retention_changed pref.private_channel_retention_changed pref.dm_retention_changed pref.file_retention_changed
   pref.canvas_retention_changed pref.retention_override_changed pref.admin_retention_override_changed
   pref.dm_retention_redaction_duration pref.private_retention_redaction_duration pref.public_retention_redaction_duration
   pref.private_record_channel_retention_duration_changed pref.private_record_channel_retention_changed
   pref.private_record_channel_redaction_duration_changed pref.public_record_channel_retention_duration_changed
   pref.public_record_channel_retention_changed pref.public_record_channel_redaction_duration_changed
   pref.ext_audit_log_retention_type_changed pref.ext_audit_log_retention_duration_changed
   pref.block_download_and_copy_on_untrusted_mobile pref.block_file_download_for_unapproved_ip pref.disallow_public_file_urls
   pref.dlp_access_changed pref.allow_message_deletion pref.msg_edit_window_mins pref.notification_redaction_type
   pref.anomaly_event_response_changed pref.ml_opt_out pref.content_review_enabled pref.flagged_content_review_channel
   pref.flag_content_custom_link pref.flag_content_users_to_notify pref.flag_content_review_note_required
   pref.flag_message_flagger_outcome_notif pref.flag_message_author_outcome_notif pref.allow_cea_for_hippa_team_changed`,
);

/** Who may do what: members, guests, other organizations, apps. */
const PERMISSION_SETTINGS = group(
  'configuration',
  'change',
  'success',
  ['user', 'organization'],
  `pref.who_can_manage_guests pref.who_can_create_public_channels pref.who_can_create_private_channels pref.who_can_archive_channels
   pref.who_can_remove_from_public_channels pref.who_can_remove_from_private_channels pref.who_can_manage_channel_posting_prefs
   pref.who_can_manage_ext_shared_channels pref.who_can_manage_shared_channels pref.who_can_create_delete_user_groups
   pref.who_can_edit_user_groups pref.who_can_dm_anyone pref.can_receive_shared_channels_invites
   pref.slack_connect_allowed_workspaces pref.slack_connect_dm_only_verified_orgs pref.slack_connect_approval_type
   pref.allow_sponsored_slack_connections pref.hermes_has_accepted_tos pref.hermes_triggers_trippable_by_slack_connected_teams
   pref.invites_only_admins pref.invites_only_admins_changed pref.invite_requests_approval_channel
   pref.invite_requests_approval_channel_changed pref.invited_user_preset pref.max_guest_duration pre.max_guest_duration
   pref.members_only pref.enterprise_team_creation_request pref.app_whitelist_enabled pref.app_dir_only pref.allow_lists
   pref.commands_only_regular pref.platform_beta_enabled pref.who_can_use_platform_beta
   pref.platform_beta_interactions_with_external_triggers_and_workflows_enabled pref.platform_beta_external_triggers_enabled
   pref.uneditable_user_profile_fields pref.atlas_profiles_access_changed pref.atlas_org_charts_access_changed
   pref.stats_only_admins pref.member_analytics_disabled pref.private_channel_analytics_disabled`,
);

/** What Slack’s AI, its search and its agents may do. */
const AI_SETTINGS = group(
  'configuration',
  'change',
  'success',
  ['user', 'organization'],
  `pref.agentforce_workspaces_settings_changed pref.enterprise_search_connectors pref.enterprise_search_connectors_changed
   pref.enterprise_search_connectors_config_changed pref.enterprise_search_enabled pref.enterprise_search_enabled_changed
   pref.allow_huddles_transcriptions_changed pref.slack_ai_allowed_workspaces_changed pref.slack_ai_allow_recap_changed
   pref.slack_ai_allow_detailed_feedback_changed pref.slack_ai_allow_feedback_changed pref.slack_ai_allow_file_summaries_changed
   pref.slack_ai_allowed_search_files_changed pref.slack_ai_allow_huddle_notes_changed pref.allow_slack_ai_changed
   pref.slack_ai_allow_workflow_builder_changed pref.slack_ai_allow_translations_changed
   pref.slackbot_ai_canvas_write_enabled_changed pref.ai_feature_default_access_changed`,
);

/** How Slack looks and sounds. */
const COMFORT_SETTINGS = group(
  'configuration',
  'change',
  'success',
  ['user', 'organization'],
  `pref.allow_calls pref.allow_huddles pref.custom_tos pref.hide_referers pref.enterprise_default_channels pref.emoji_only_admins
   pref.slackbot_responses_disabled pref.slackbot_responses_only_admins pref.dnd_enabled pref.dnd_start_hour pref.dnd_end_hour
   pref.username_policy pref.loading_only_admins pref.display_real_names pref.canvas_changed
   pref.allow_canvas_version_history_changed pref.allow_native_gif_picker pref.allow_native_giphy_gif_picker
   pref.show_join_leave_changed pref.show_join_leave_welcome_party_changed`,
);

/** Named in Slack’s list, explained nowhere. */
const UNEXPLAINED: ActionGroup = {
  category: ['configuration'],
  type: ['info'],
  outcome: 'unknown',
  actor: 'user',
  target: 'organization',
  fallback: true,
  actions: words(
    `mc_user_created_slackbot_pref_request mc_user_canceled_slackbot_pref_request team_approved_slackbot_pref_request
     team_declined_slackbot_pref_request slack_support_created_slackbot_pref_request slack_support_canceled_slackbot_pref_request
     salesforce_record_transferred salesforce_org_deleted salesforce_org_upserted workflow_unknown_action`,
  ),
};

/**
 * What every action of Slack’s audit log means: the 762 that `GET /audit/v1/actions` names, and ten that only Slack’s pages and its
 * Java client know. Slack adds others all the time; an action that is not here is kept, and tagged `unknown_action`.
 */
export const ACTION_GROUPS: readonly ActionGroup[] = [
  ...SESSIONS,
  ...PEOPLE,
  ...CHANNELS,
  ...TALK,
  ...CONTENT,
  ...APPS,
  ...TOOLS,
  ...EXPORTS,
  ...ORGANIZATION,
  SIGN_IN_SETTINGS,
  DATA_SETTINGS,
  PERMISSION_SETTINGS,
  AI_SETTINGS,
  COMFORT_SETTINGS,
  UNEXPLAINED,
];

/** By the action’s name. */
export const ACTIONS: ReadonlyMap<string, Meaning> = new Map(
  ACTION_GROUPS.flatMap(({ actions, ...meaning }) => actions.map((action) => [action, meaning] as const)),
);
