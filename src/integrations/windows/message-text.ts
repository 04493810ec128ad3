/**
 * Snare sends an event's data only as the text that Windows shows: sections with labels, their tabs and line ends made blanks.
 *
 *     Subject:   Security ID:  S-1-5-18   Account Name:  DC01$    New Account:   Security ID:  …
 *
 * The tables give each label the name that the same value has in the event itself. Labels are those of English Windows.
 */
type Labels = Readonly<Record<string, string>>;

const SUBJECT: Labels = {
  'Security ID': 'SubjectUserSid',
  'Account Name': 'SubjectUserName',
  'Account Domain': 'SubjectDomainName',
  'Domain Name': 'SubjectDomainName',
  'Logon ID': 'SubjectLogonId',
  'Logon Type': 'LogonType',
};

const TARGET: Labels = {
  'Security ID': 'TargetSid',
  'Account Name': 'TargetUserName',
  'Account Domain': 'TargetDomainName',
  'Group Name': 'TargetUserName',
  'Group Domain': 'TargetDomainName',
  'Logon ID': 'TargetLogonId',
  'Old Account Name': 'OldTargetUserName',
  'New Account Name': 'NewTargetUserName',
};

const PROCESS: Labels = {
  'New Process ID': 'NewProcessId',
  'New Process Name': 'NewProcessName',
  'Creator Process ID': 'ProcessId',
  'Creator Process Name': 'ParentProcessName',
  'Process Command Line': 'CommandLine',
  'Token Elevation Type': 'TokenElevationType',
  'Caller Process ID': 'ProcessId',
  'Caller Process Name': 'ProcessName',
  'Process ID': 'ProcessId',
  'Process Name': 'ProcessName',
};

const ATTRIBUTES: Labels = {
  'SAM Account Name': 'SamAccountName',
  'User Principal Name': 'UserPrincipalName',
  'Primary Group ID': 'PrimaryGroupId',
  'Old UAC Value': 'OldUacValue',
  'New UAC Value': 'NewUacValue',
  'User Account Control': 'UserAccountControl',
  AllowedToDelegateTo: 'AllowedToDelegateTo',
  'SID History': 'SidHistory',
};

const SECTIONS: Readonly<Record<string, Labels>> = {
  Subject: SUBJECT,
  'Creator Subject': SUBJECT,
  'Target Subject': TARGET,
  'New Account': TARGET,
  'Target Account': TARGET,
  'New Computer Account': TARGET,
  'Computer Account That Was Changed': TARGET,
  'Account That Was Locked Out': TARGET,
  'Account For Which Logon Failed': TARGET,
  'Account Whose Credentials Were Used': TARGET,
  'New Logon': TARGET,
  Group: TARGET,
  'New Group': TARGET,
  'Deleted Group': TARGET,
  Member: { 'Security ID': 'MemberSid', 'Account Name': 'MemberName' },
  Attributes: ATTRIBUTES,
  'Changed Attributes': ATTRIBUTES,
  'Logon Information': { 'Logon Type': 'LogonType', 'Restricted Admin Mode': 'RestrictedAdminMode', 'Elevated Token': 'ElevatedToken' },
  'Failure Information': { 'Failure Reason': 'FailureReason', Status: 'Status', 'Sub Status': 'SubStatus' },
  'Process Information': PROCESS,
  'Network Information': {
    'Workstation Name': 'WorkstationName',
    'Source Network Address': 'IpAddress',
    'Network Address': 'IpAddress',
    'Client Address': 'IpAddress',
    'Source Port': 'IpPort',
    'Client Port': 'IpPort',
    Port: 'IpPort',
  },
  'Detailed Authentication Information': {
    'Logon Process': 'LogonProcessName',
    'Authentication Package': 'AuthenticationPackageName',
    'Transited Services': 'TransmittedServices',
    'Package Name (NTLM only)': 'LmPackageName',
    'Key Length': 'KeyLength',
  },
  'Account Information': {
    'Security ID': 'TargetSid',
    'User ID': 'TargetSid',
    'Account Name': 'TargetUserName',
    'Account Domain': 'TargetDomainName',
    'Supplied Realm Name': 'TargetDomainName',
  },
  'Service Information': {
    'Service Name': 'ServiceName',
    'Service ID': 'ServiceSid',
    'Service File Name': 'ServiceFileName',
    'Service Type': 'ServiceType',
    'Service Start Type': 'ServiceStartType',
    'Service Account': 'ServiceAccount',
  },
  'Target Server': { 'Target Server Name': 'TargetServerName', 'Additional Information': 'TargetInfo' },
  'Task Information': { 'Task Name': 'TaskName', 'Task Content': 'TaskContent', 'Task New Content': 'TaskContentNew' },
  'Audit Policy Change': {
    Category: 'CategoryId',
    Subcategory: 'SubcategoryId',
    'Subcategory GUID': 'SubcategoryGuid',
    Changes: 'AuditPolicyChanges',
  },
  'Additional Information': {
    Privileges: 'PrivilegeList',
    'Caller Computer Name': 'TargetDomainName',
    'Ticket Options': 'TicketOptions',
    'Ticket Encryption Type': 'TicketEncryptionType',
    'Result Code': 'Status',
    'Failure Code': 'Status',
    'Pre-Authentication Type': 'PreAuthType',
  },
};

/** Labels that stand alone, outside of sections. */
const ALONE: Labels = {
  'Logon Type': 'LogonType',
  Privileges: 'PrivilegeList',
  'Authentication Package': 'PackageName',
  'Logon Account': 'TargetUserName',
  'Source Workstation': 'Workstation',
  'Error Code': 'Status',
};

/** In a logoff the subject is who logged off. */
const LOGOFF: Readonly<Record<string, string>> = {
  SubjectUserSid: 'TargetUserSid',
  SubjectUserName: 'TargetUserName',
  SubjectDomainName: 'TargetDomainName',
  SubjectLogonId: 'TargetLogonId',
};
const LOGOFFS: ReadonlySet<string> = new Set(['4634', '4647']);

/** Values of several lines, with which a message ends. */
const LONG: ReadonlySet<string> = new Set(['PrivilegeList', 'TaskContent', 'TaskContentNew']);

/** These stand before any name that a stranger may choose, so the first is the true one. */
const isEarly = (name: string): boolean => name.startsWith('Subject') || name === 'LogonType';

const own = <T>(table: Readonly<Record<string, T>>, key: string): T | undefined => (Object.hasOwn(table, key) ? table[key] : undefined);

/**
 * The data in an event's text, by the names that Windows gives it. A name may hold labels that somebody made up: of a label before the
 * name the first counts, of one behind it the last.
 */
export function dataOf(text: string, code: string): Map<string, string> {
  const found = new Map<string, string>();
  let section: Labels | undefined;
  let name: string | undefined;
  for (const part of text.split(/ {2,}|[\t\r\n]+ */)) {
    const labelled = labelOf(part, section);
    if (labelled === undefined) {
      if (name === undefined) continue;
      put(found, name, part, code);
      if (!LONG.has(name)) name = undefined;
      continue;
    }
    name = labelled.name;
    if (name === undefined || own(ALONE, labelled.label) === name) section = own(SECTIONS, labelled.label) ?? section;
    if (name !== undefined && labelled.rest !== '') {
      put(found, name, labelled.rest, code);
      if (!LONG.has(name)) name = undefined;
    }
  }
  return found;
}

interface Labelled {
  readonly label: string;
  /** Undefined for the head of a section. */
  readonly name: string | undefined;
  readonly rest: string;
}

const MAX_LABEL = 40;

/** `Account Name:`, `Account Name: alice` or the head of a section; undefined for a value. */
function labelOf(part: string, section: Labels | undefined): Labelled | undefined {
  const colon = part.slice(0, MAX_LABEL).indexOf(':');
  if (colon <= 0) return undefined;
  const label = part.slice(0, colon);
  const rest = part.slice(colon + 1).trim();
  const name = (section === undefined ? undefined : own(section, label)) ?? own(ALONE, label);
  if (name !== undefined) return { label, name, rest };
  return own(SECTIONS, label) === undefined ? undefined : { label, name: undefined, rest: '' };
}

function put(found: Map<string, string>, name: string, value: string, code: string): void {
  const key = LOGOFFS.has(code) ? (own(LOGOFF, name) ?? name) : name;
  const before = found.get(key);
  if (before !== undefined && LONG.has(key)) found.set(key, `${before} ${value}`);
  else if (before === undefined || !isEarly(name)) found.set(key, value);
}
