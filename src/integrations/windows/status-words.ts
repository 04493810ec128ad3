/** Logon types, as Microsoft names them. */
const LOGON_TYPES: ReadonlyMap<string, string> = new Map([
  ['0', 'System'],
  ['2', 'Interactive'],
  ['3', 'Network'],
  ['4', 'Batch'],
  ['5', 'Service'],
  ['7', 'Unlock'],
  ['8', 'NetworkCleartext'],
  ['9', 'NewCredentials'],
  ['10', 'RemoteInteractive'],
  ['11', 'CachedInteractive'],
  ['12', 'CachedRemoteInteractive'],
  ['13', 'CachedUnlock'],
]);

/** NTSTATUS codes of a refused logon, in lower case. */
const NT_STATUS: ReadonlyMap<string, string> = new Map([
  ['0xc000005e', 'no domain controller could be asked'],
  ['0xc0000064', 'the user does not exist'],
  ['0xc000006a', 'wrong password'],
  ['0xc000006c', 'the password does not meet the policy'],
  ['0xc000006d', 'wrong user or password'],
  ['0xc000006e', 'the account is restricted'],
  ['0xc000006f', 'outside the hours of the account'],
  ['0xc0000070', 'not from this computer'],
  ['0xc0000071', 'the password has expired'],
  ['0xc0000072', 'the account is disabled'],
  ['0xc00000dc', 'the server is in the wrong state'],
  ['0xc0000133', 'the clocks differ too much'],
  ['0xc000015b', 'this type of logon is not granted'],
  ['0xc000018c', 'the trust relationship failed'],
  ['0xc0000192', 'the Netlogon service was not started'],
  ['0xc0000193', 'the account has expired'],
  ['0xc0000224', 'the password must be changed first'],
  ['0xc0000234', 'the account is locked out'],
  ['0xc0000413', 'the authentication firewall refused it'],
]);

/** Kerberos error codes (RFC 4120 7.5.9), in lower case. */
const KERBEROS: ReadonlyMap<string, string> = new Map([
  ['0x6', 'the user does not exist'],
  ['0x7', 'the service does not exist'],
  ['0xc', 'not from this computer or at this time'],
  ['0xe', 'the encryption type is not supported'],
  ['0x12', 'the account is disabled, expired or locked out'],
  ['0x17', 'the password has expired'],
  ['0x18', 'wrong password'],
  ['0x1b', 'the service must be asked user to user'],
  ['0x1f', 'the integrity check failed'],
  ['0x20', 'the ticket has expired'],
  ['0x22', 'the request is a replay'],
  ['0x25', 'the clocks differ too much'],
]);

export const logonTypeWord = (number: string): string | undefined => LOGON_TYPES.get(number);

/** True for every way to write that nothing went wrong. */
export const isNoFault = (status: string): boolean => /^0(x0{1,8})?$/i.test(status);

/** What a status code says went wrong; undefined for one that nobody knows. */
export const statusWord = (status: string): string | undefined => {
  const code = status.toLowerCase();
  return NT_STATUS.get(code) ?? KERBEROS.get(code);
};
