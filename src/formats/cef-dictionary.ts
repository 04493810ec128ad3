import { isDigit } from './scan.ts';

/**
 * The extension keys of the CEF Implementation Standard v27: key, full name, type. Two full names are mended where the standard prints
 * another field's (`dmac`, `flexString1Label`). Keys marked `consumer` are set by a receiver (ArcSight): read them, do not send them.
 */
export type CefType = 'string' | 'integer' | 'float' | 'ip' | 'mac' | 'timestamp';

export interface CefKey {
  readonly key: string;
  readonly fullName: string;
  readonly type: CefType;
  /** False: only a receiver sets it. */
  readonly sendable: boolean;
}

type Row = readonly [key: string, fullName: string, type: CefType, audience?: 'consumer'];

// biome-ignore format: one key a line
const ROWS: readonly Row[] = [
  ['act', 'deviceAction', 'string'],
  ['app', 'applicationProtocol', 'string'],
  ['c6a1', 'deviceCustomIPv6Address1', 'ip'],
  ['c6a1Label', 'deviceCustomIPv6Address1Label', 'string'],
  ['c6a3', 'deviceCustomIPv6Address3', 'ip'],
  ['c6a3Label', 'deviceCustomIPv6Address3Label', 'string'],
  ['c6a4', 'deviceCustomIPv6Address4', 'ip'],
  ['c6a4Label', 'deviceCustomIPv6Address4Label', 'string'],
  ['cat', 'deviceEventCategory', 'string'],
  ['cfp1', 'deviceCustomFloatingPoint1', 'float'],
  ['cfp1Label', 'deviceCustomFloatingPoint1Label', 'string'],
  ['cfp2', 'deviceCustomFloatingPoint2', 'float'],
  ['cfp2Label', 'deviceCustomFloatingPoint2Label', 'string'],
  ['cfp3', 'deviceCustomFloatingPoint3', 'float'],
  ['cfp3Label', 'deviceCustomFloatingPoint3Label', 'string'],
  ['cfp4', 'deviceCustomFloatingPoint4', 'float'],
  ['cfp4Label', 'deviceCustomFloatingPoint4Label', 'string'],
  ['cn1', 'deviceCustomNumber1', 'integer'],
  ['cn1Label', 'deviceCustomNumber1Label', 'string'],
  ['cn2', 'deviceCustomNumber2', 'integer'],
  ['cn2Label', 'deviceCustomNumber2Label', 'string'],
  ['cn3', 'deviceCustomNumber3', 'integer'],
  ['cn3Label', 'deviceCustomNumber3Label', 'string'],
  ['cnt', 'baseEventCount', 'integer'],
  ['cs1', 'deviceCustomString1', 'string'],
  ['cs1Label', 'deviceCustomString1Label', 'string'],
  ['cs2', 'deviceCustomString2', 'string'],
  ['cs2Label', 'deviceCustomString2Label', 'string'],
  ['cs3', 'deviceCustomString3', 'string'],
  ['cs3Label', 'deviceCustomString3Label', 'string'],
  ['cs4', 'deviceCustomString4', 'string'],
  ['cs4Label', 'deviceCustomString4Label', 'string'],
  ['cs5', 'deviceCustomString5', 'string'],
  ['cs5Label', 'deviceCustomString5Label', 'string'],
  ['cs6', 'deviceCustomString6', 'string'],
  ['cs6Label', 'deviceCustomString6Label', 'string'],
  ['destinationDnsDomain', 'destinationDnsDomain', 'string'],
  ['destinationServiceName', 'destinationServiceName', 'string'],
  ['destinationTranslatedAddress', 'destinationTranslatedAddress', 'ip'],
  ['destinationTranslatedPort', 'destinationTranslatedPort', 'integer'],
  ['deviceCustomDate1', 'deviceCustomDate1', 'timestamp'],
  ['deviceCustomDate1Label', 'deviceCustomDate1Label', 'string'],
  ['deviceCustomDate2', 'deviceCustomDate2', 'timestamp'],
  ['deviceCustomDate2Label', 'deviceCustomDate2Label', 'string'],
  ['deviceDirection', 'deviceDirection', 'integer'],
  ['deviceDnsDomain', 'deviceDnsDomain', 'string'],
  ['deviceExternalId', 'deviceExternalId', 'string'],
  ['deviceFacility', 'deviceFacility', 'string'],
  ['deviceInboundInterface', 'deviceInboundInterface', 'string'],
  ['deviceNtDomain', 'deviceNtDomain', 'string'],
  ['deviceOutboundInterface', 'deviceOutboundInterface', 'string'],
  ['devicePayloadId', 'devicePayloadId', 'string'],
  ['deviceProcessName', 'deviceProcessName', 'string'],
  ['deviceTranslatedAddress', 'deviceTranslatedAddress', 'ip'],
  ['dhost', 'destinationHostName', 'string'],
  ['dmac', 'destinationMacAddress', 'mac'],
  ['dntdom', 'destinationNtDomain', 'string'],
  ['dpid', 'destinationProcessId', 'integer'],
  ['dpriv', 'destinationUserPrivileges', 'string'],
  ['dproc', 'destinationProcessName', 'string'],
  ['dpt', 'destinationPort', 'integer'],
  ['dst', 'destinationAddress', 'ip'],
  ['dtz', 'deviceTimeZone', 'string'],
  ['duid', 'destinationUserId', 'string'],
  ['duser', 'destinationUserName', 'string'],
  ['dvc', 'deviceAddress', 'ip'],
  ['dvchost', 'deviceHostName', 'string'],
  ['dvcpid', 'deviceProcessId', 'integer'],
  ['end', 'endTime', 'timestamp'],
  ['externalId', 'externalId', 'string'],
  ['fileCreateTime', 'fileCreateTime', 'timestamp'],
  ['fileHash', 'fileHash', 'string'],
  ['fileId', 'fileId', 'string'],
  ['fileModificationTime', 'fileModificationTime', 'timestamp'],
  ['filePath', 'filePath', 'string'],
  ['filePermission', 'filePermission', 'string'],
  ['fileType', 'fileType', 'string'],
  ['flexDate1', 'flexDate1', 'timestamp'],
  ['flexDate1Label', 'flexDate1Label', 'string'],
  ['flexString1', 'flexString1', 'string'],
  ['flexString1Label', 'flexString1Label', 'string'],
  ['flexString2', 'flexString2', 'string'],
  ['flexString2Label', 'flexString2Label', 'string'],
  ['fname', 'filename', 'string'],
  ['fsize', 'fileSize', 'integer'],
  ['in', 'bytesIn', 'integer'],
  ['msg', 'message', 'string'],
  ['oldFileCreateTime', 'oldFileCreateTime', 'timestamp'],
  ['oldFileHash', 'oldFileHash', 'string'],
  ['oldFileId', 'oldFileId', 'string'],
  ['oldFileModificationTime', 'oldFileModificationTime', 'timestamp'],
  ['oldFileName', 'oldFileName', 'string'],
  ['oldFilePath', 'oldFilePath', 'string'],
  ['oldFilePermission', 'oldFilePermission', 'string'],
  ['oldFileSize', 'oldFileSize', 'integer'],
  ['oldFileType', 'oldFileType', 'string'],
  ['out', 'bytesOut', 'integer'],
  ['outcome', 'eventOutcome', 'string'],
  ['proto', 'transportProtocol', 'string'],
  ['reason', 'reason', 'string'],
  ['request', 'requestUrl', 'string'],
  ['requestClientApplication', 'requestClientApplication', 'string'],
  ['requestContext', 'requestContext', 'string'],
  ['requestCookies', 'requestCookies', 'string'],
  ['requestMethod', 'requestMethod', 'string'],
  ['rt', 'deviceReceiptTime', 'timestamp'],
  ['shost', 'sourceHostName', 'string'],
  ['smac', 'sourceMacAddress', 'mac'],
  ['sntdom', 'sourceNtDomain', 'string'],
  ['sourceDnsDomain', 'sourceDnsDomain', 'string'],
  ['sourceServiceName', 'sourceServiceName', 'string'],
  ['sourceTranslatedAddress', 'sourceTranslatedAddress', 'ip'],
  ['sourceTranslatedPort', 'sourceTranslatedPort', 'integer'],
  ['spid', 'sourceProcessId', 'integer'],
  ['spriv', 'sourceUserPrivileges', 'string'],
  ['sproc', 'sourceProcessName', 'string'],
  ['spt', 'sourcePort', 'integer'],
  ['src', 'sourceAddress', 'ip'],
  ['start', 'startTime', 'timestamp'],
  ['suid', 'sourceUserId', 'string'],
  ['suser', 'sourceUserName', 'string'],
  ['type', 'type', 'integer'],
  ['agentTranslatedZoneKey', 'agentTranslatedZoneKey', 'integer'],
  ['agentZoneKey', 'agentZoneKey', 'integer'],
  ['customerKey', 'customerKey', 'integer'],
  ['dTranslatedZoneKey', 'dTranslatedZoneKey', 'integer'],
  ['dZoneKey', 'dZoneKey', 'integer'],
  ['deviceTranslatedZoneKey', 'deviceTranslatedZoneKey', 'integer'],
  ['deviceZoneKey', 'deviceZoneKey', 'integer'],
  ['sTranslatedZoneKey', 'sTranslatedZoneKey', 'integer'],
  ['sZoneKey', 'sZoneKey', 'integer'],
  ['reportedDuration', 'reportedDuration', 'string'],
  ['reportedResourceGroupName', 'reportedResourceGroupName', 'string'],
  ['reportedResourceID', 'reportedResourceID', 'string'],
  ['reportedResourceName', 'reportedResourceName', 'string'],
  ['reportedResourceType', 'reportedResourceType', 'string'],
  ['frameworkName', 'frameworkName', 'string'],
  ['threatActor', 'threatActor', 'string'],
  ['threatAttackID', 'threatAttackID', 'string'],
  ['agentDnsDomain', 'agentDnsDomain', 'string', 'consumer'],
  ['agentNtDomain', 'agentNtDomain', 'string', 'consumer'],
  ['agentTranslatedAddress', 'agentTranslatedAddress', 'ip', 'consumer'],
  ['agentTranslatedZoneExternalID', 'agentTranslatedZoneExternalID', 'string', 'consumer'],
  ['agentTranslatedZoneURI', 'agentTranslatedZoneURI', 'string', 'consumer'],
  ['agentZoneExternalID', 'agentZoneExternalID', 'string', 'consumer'],
  ['agentZoneURI', 'agentZoneURI', 'string', 'consumer'],
  ['agt', 'agentAddress', 'ip', 'consumer'],
  ['ahost', 'agentHostName', 'string', 'consumer'],
  ['aid', 'agentId', 'string', 'consumer'],
  ['amac', 'agentMacAddress', 'mac', 'consumer'],
  ['art', 'agentReceiptTime', 'timestamp', 'consumer'],
  ['at', 'agentType', 'string', 'consumer'],
  ['atz', 'agentTimeZone', 'string', 'consumer'],
  ['av', 'agentVersion', 'string', 'consumer'],
  ['customerExternalID', 'customerExternalID', 'string', 'consumer'],
  ['customerURI', 'customerURI', 'string', 'consumer'],
  ['destinationTranslatedZoneExternalID', 'destinationTranslatedZoneExternalID', 'string', 'consumer'],
  ['destinationTranslatedZoneURI', 'destinationTranslatedZoneURI', 'string', 'consumer'],
  ['destinationZoneExternalID', 'destinationZoneExternalID', 'string', 'consumer'],
  ['destinationZoneURI', 'destinationZoneURI', 'string', 'consumer'],
  ['deviceTranslatedZoneExternalID', 'deviceTranslatedZoneExternalID', 'string', 'consumer'],
  ['deviceTranslatedZoneURI', 'deviceTranslatedZoneURI', 'string', 'consumer'],
  ['deviceZoneExternalID', 'deviceZoneExternalID', 'string', 'consumer'],
  ['deviceZoneURI', 'deviceZoneURI', 'string', 'consumer'],
  ['dlat', 'destinationGeoLatitude', 'float', 'consumer'],
  ['dlong', 'destinationGeoLongitude', 'float', 'consumer'],
  ['eventId', 'eventId', 'integer', 'consumer'],
  ['rawEvent', 'rawEvent', 'string', 'consumer'],
  ['slat', 'sourceGeoLatitude', 'float', 'consumer'],
  ['slong', 'sourceGeoLongitude', 'float', 'consumer'],
  ['sourceTranslatedZoneExternalID', 'sourceTranslatedZoneExternalID', 'string', 'consumer'],
  ['sourceTranslatedZoneURI', 'sourceTranslatedZoneURI', 'string', 'consumer'],
  ['sourceZoneExternalID', 'sourceZoneExternalID', 'string', 'consumer'],
  ['sourceZoneURI', 'sourceZoneURI', 'string', 'consumer'],
];

/** By key as sent, such as `src`. */
export const CEF_KEYS: ReadonlyMap<string, CefKey> = new Map(
  ROWS.map(([key, fullName, type, audience]) => [key, { key, fullName, type, sendable: audience !== 'consumer' }]),
);

const BY_FULL_NAME: ReadonlyMap<string, CefKey> = new Map([...CEF_KEYS.values()].map((entry) => [entry.fullName, entry]));

/** Finds a key by its short or its full name: senders use both (`dpt`, `destinationPort`). Undefined: not of the standard. */
export const cefKey = (name: string): CefKey | undefined => CEF_KEYS.get(name) ?? BY_FULL_NAME.get(name);

/** Numbered families go beyond the standard's numbers in the field (`cs7`, `cn4`, `c6a2`, `cfp15`). */
const FAMILIES: readonly (readonly [prefix: string, type: CefType])[] = [
  ['cs', 'string'],
  ['cn', 'integer'],
  ['cfp', 'float'],
  ['c6a', 'ip'],
  ['deviceCustomDate', 'timestamp'],
  ['flexDate', 'timestamp'],
  ['flexString', 'string'],
  ['flexNumber', 'integer'],
  ['deviceCustomString', 'string'],
  ['deviceCustomNumber', 'integer'],
  ['deviceCustomFloatingPoint', 'float'],
  ['deviceCustomIPv6Address', 'ip'],
];

/** The type of a numbered custom key such as `cs7` or `Cs7` (some senders capitalize); undefined for any other key. */
export function cefCustomType(name: string): CefType | undefined {
  let end = name.length;
  while (end > 0 && isDigit(name.charCodeAt(end - 1))) end -= 1;
  if (end === 0 || end === name.length || name.length - end > 2) return undefined;
  const prefix = name.charAt(0).toLowerCase() + name.slice(1, end);
  for (const [family, type] of FAMILIES) if (family === prefix) return type;
  return undefined;
}

/** The type of any key: by the standard, else by its family, else a string. */
export const cefType = (name: string): CefType => cefKey(name)?.type ?? cefCustomType(name) ?? 'string';
