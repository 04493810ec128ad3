/** A rule of one kind of event, `vault_opened`: alerts by person, so that hosts can join. */
export const VAULT_RULE = `
title: Vault Opened
id: 5d2f6a52-7a0e-4a55-9d0a-1f6f4b1f7c11
status: experimental
description: Somebody opened a vault.
author: Earshot
date: 2026-11-20
tags: [attack.t1078]
taxonomy: ecs
logsource: { product: segura }
detection:
  selection: { event.action: vault_opened }
  condition: selection
falsepositives: [A drill.]
level: high
earshot:
  group_by: [user.name]
  next_steps: ['Ask the person, by phone.']
`;
