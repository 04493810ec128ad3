/**
 * Names of MITRE ATT&CK's tactics and techniques, as of its version 19, for the tags of rules. ATT&CK's names are used as the MITRE
 * Corporation lets everybody use them (https://attack.mitre.org/resources/legal-and-branding/terms-of-use/). A technique that is not
 * here is shown by its number; a test expects those of the shipped rules.
 */

/** In ATT&CK's order: from looking around to doing harm. The keys are as tags have them. */
export const TACTICS: Readonly<Record<string, string>> = {
  reconnaissance: 'Reconnaissance',
  'resource-development': 'Resource Development',
  'initial-access': 'Initial Access',
  execution: 'Execution',
  persistence: 'Persistence',
  'privilege-escalation': 'Privilege Escalation',
  stealth: 'Stealth',
  'defense-evasion': 'Defense Evasion',
  'defense-impairment': 'Defense Impairment',
  'credential-access': 'Credential Access',
  discovery: 'Discovery',
  'lateral-movement': 'Lateral Movement',
  collection: 'Collection',
  'command-and-control': 'Command and Control',
  exfiltration: 'Exfiltration',
  impact: 'Impact',
};

const TECHNIQUES: Readonly<Record<string, string>> = {
  T1003: 'OS Credential Dumping',
  'T1003.008': '/etc/passwd and /etc/shadow',
  T1021: 'Remote Services',
  'T1021.004': 'SSH',
  T1036: 'Masquerading',
  T1040: 'Network Sniffing',
  T1048: 'Exfiltration Over Alternative Protocol',
  T1053: 'Scheduled Task/Job',
  'T1053.003': 'Cron',
  T1059: 'Command and Scripting Interpreter',
  'T1059.004': 'Unix Shell',
  T1070: 'Indicator Removal',
  'T1070.003': 'Clear Command History',
  T1078: 'Valid Accounts',
  'T1078.001': 'Default Accounts',
  'T1078.002': 'Domain Accounts',
  'T1078.003': 'Local Accounts',
  'T1078.004': 'Cloud Accounts',
  T1087: 'Account Discovery',
  T1098: 'Account Manipulation',
  'T1098.001': 'Additional Cloud Credentials',
  'T1098.003': 'Additional Cloud Roles',
  'T1098.004': 'SSH Authorized Keys',
  'T1098.005': 'Device Registration',
  'T1098.007': 'Additional Local or Domain Groups',
  T1105: 'Ingress Tool Transfer',
  T1110: 'Brute Force',
  'T1110.001': 'Password Guessing',
  'T1110.003': 'Password Spraying',
  'T1110.004': 'Credential Stuffing',
  T1114: 'Email Collection',
  T1133: 'External Remote Services',
  T1136: 'Create Account',
  'T1136.001': 'Local Account',
  'T1136.002': 'Domain Account',
  'T1136.003': 'Cloud Account',
  T1213: 'Data from Information Repositories',
  T1485: 'Data Destruction',
  T1489: 'Service Stop',
  T1490: 'Inhibit System Recovery',
  T1499: 'Endpoint Denial of Service',
  'T1499.002': 'Service Exhaustion Flood',
  T1528: 'Steal Application Access Token',
  T1531: 'Account Access Removal',
  T1543: 'Create or Modify System Process',
  'T1543.002': 'Systemd Service',
  T1547: 'Boot or Logon Autostart Execution',
  'T1547.006': 'Kernel Modules and Extensions',
  T1548: 'Abuse Elevation Control Mechanism',
  'T1548.001': 'Setuid and Setgid',
  'T1548.003': 'Sudo and Sudo Caching',
  T1550: 'Use Alternate Authentication Material',
  T1552: 'Unsecured Credentials',
  'T1552.004': 'Private Keys',
  T1555: 'Credentials from Password Stores',
  'T1555.006': 'Cloud Secrets Management Stores',
  T1556: 'Modify Authentication Process',
  'T1556.003': 'Pluggable Authentication Modules',
  'T1556.006': 'Multi-Factor Authentication',
  T1565: 'Data Manipulation',
  'T1565.001': 'Stored Data Manipulation',
  T1567: 'Exfiltration Over Web Service',
  T1574: 'Hijack Execution Flow',
  'T1574.006': 'Dynamic Linker Hijacking',
  T1621: 'Multi-Factor Authentication Request Generation',
  T1685: 'Disable or Modify Tools',
  'T1685.004': 'Disable or Modify Linux Audit System Log',
  'T1685.006': 'Clear Linux or Mac System Logs',
};

/** A technique's id, such as `T1078.003`, of a rule's tag `attack.t1078.003`; undefined for another tag. */
export const techniqueOf = (tag: string): string | undefined => /^attack\.(t\d{4}(?:\.\d{3})?)$/i.exec(tag)?.[1]?.toUpperCase();

/** A tactic's key, such as `credential-access`, of a rule's tag; Sigma 1 wrote it with a low line. Undefined for another tag. */
export function tacticOf(tag: string): string | undefined {
  const key = /^attack\.([a-z_-]+)$/i.exec(tag)?.[1]?.toLowerCase().replaceAll('_', '-');
  return key !== undefined && Object.hasOwn(TACTICS, key) ? key : undefined;
}

/** `Valid Accounts: Local Accounts`; undefined where it is not known. */
export function techniqueName(id: string): string | undefined {
  const name = TECHNIQUES[id];
  const parent = id.includes('.') ? TECHNIQUES[id.slice(0, id.indexOf('.'))] : undefined;
  return name !== undefined && parent !== undefined ? `${parent}: ${name}` : name;
}
