import type { EventWords, Mapping, MessageRow } from '../../normalize/mapping.ts';
import { pam } from './pam.ts';

type Type = EventWords['type'][number];

const iam = (action: string, ...type: readonly Type[]): EventWords => ({ action, category: ['iam'], type, outcome: 'success' });
const failure = (words: EventWords): EventWords => ({ ...words, outcome: 'failure' });

const userAdded = iam('user_added', 'user', 'creation');
const userDeleted = iam('user_deleted', 'user', 'deletion');
const userRenamed = iam('user_renamed', 'user', 'change');
const userChanged = iam('user_changed', 'user', 'change');
const userLocked = iam('user_locked', 'user', 'change');
const userUnlocked = iam('user_unlocked', 'user', 'change');
const passwordChanged = iam('password_changed', 'user', 'change');
const expiryChanged = iam('password_expiry_changed', 'user', 'change');
const groupAdded = iam('group_added', 'group', 'creation');
const groupDeleted = iam('group_deleted', 'group', 'deletion');
const groupChanged = iam('group_changed', 'group', 'change');
const memberAdded = iam('group_member_added', 'group', 'change');
const memberRemoved = iam('group_member_removed', 'group', 'change');
const membersSet = iam('group_members_set', 'group', 'change');
const adminsSet = iam('group_admins_set', 'group', 'change');
const groupPassword = iam('group_password_changed', 'group', 'change');
/** The same change once more, in another file: an action of its own, so that nobody counts it twice. */
const groupFile = iam('group_file_changed', 'group', 'change');

const attribute = (name: string) => ({ 'linux.account.attribute': name });

/** `change user 'alice' UID from '1000' to '0'` of usermod. */
const changes: readonly MessageRow[] = [
  {
    form: "change user '{user.target.name}' UID from '{linux.account.old}' to '{user.changes.id}'",
    event: userChanged,
    set: attribute('UID'),
  },
  ...['GID', 'shell', 'home', 'inactive', 'expiration', 'comment', 'gecos'].map(
    (name): MessageRow => ({
      form: `change user '{user.target.name}' ${name} from '{linux.account.old~}' to '{linux.account.new~}'`,
      event: userChanged,
      set: attribute(name),
    }),
  ),
  { form: "change user '{user.target.name}' password", event: passwordChanged },
  { form: "change user '{user.target.name}' {linux.account.attribute}", event: userChanged },
  { form: "change user name '{user.target.name}' to '{user.changes.name}'", event: userRenamed },
  { form: "lock user '{user.target.name}' password", event: userLocked },
  { form: "unlock user '{user.target.name}' password", event: userUnlocked },
];

const additions: readonly MessageRow[] = [
  {
    form: 'new user: name={user.target.name}, UID={user.target.id#}, GID={user.target.group.id#}, home={linux.account.home~}, shell={linux.account.shell}, from={linux.tty}',
    event: userAdded,
  },
  {
    form: 'new user: name={user.target.name}, UID={user.target.id#}, GID={user.target.group.id#}, home={linux.account.home~}, shell={linux.account.shell~}',
    event: userAdded,
  },
  { form: 'new group: name={group.name}, GID={group.id#}', event: groupAdded },
  { form: 'group added to {-}: name={group.name}, GID={group.id#}', event: groupFile },
  { form: 'group added to {-}: name={group.name}', event: groupFile },
  { form: 'failed adding user {user.target.name}, {event.reason~}', event: failure(userAdded) },
  { form: "failed adding user '{user.target.name}', {event.reason~}", event: failure(userAdded) },
  { form: 'failed adding group {group.name}, {event.reason~}', event: failure(groupAdded) },
];

const deletions: readonly MessageRow[] = [
  { form: "delete user '{user.target.name}'", event: userDeleted },
  { form: "removed group '{group.name}' owned by '{user.target.name}'", event: groupDeleted },
  { form: "removed shadow group '{group.name}' owned by '{user.target.name}'", event: groupFile },
  { form: "group '{group.name}' removed from {-}", event: groupFile },
  { form: "group '{group.name}' removed", event: groupDeleted },
];

const members: readonly MessageRow[] = [
  { form: "add '{user.target.name}' to group '{group.name}'", event: memberAdded },
  { form: "add '{user.target.name}' to shadow group '{group.name}'", event: groupFile },
  { form: "delete '{user.target.name}' from group '{group.name}'", event: memberRemoved },
  { form: "delete '{user.target.name}' from shadow group '{group.name}'", event: groupFile },
  { form: 'user {user.target.name} added by {user.name} to group {group.name}', event: memberAdded },
  { form: 'user {user.target.name} removed by {user.name} from group {group.name}', event: memberRemoved },
  { form: 'members of group {group.name} set by {user.name} to {linux.account.members~}', event: membersSet },
  { form: 'administrators of group {group.name} set by {user.name} to {linux.account.members~}', event: adminsSet },
  { form: 'set administrators of {group.name} to {linux.account.members~}', event: adminsSet },
  { form: 'set members of {group.name} to {linux.account.members~}', event: membersSet },
  { form: 'password of group {group.name} changed by {user.name}', event: groupPassword },
  { form: 'change the password for group {group.name}', event: groupPassword },
  { form: 'password of group {group.name} removed by {user.name}', event: groupPassword },
  { form: 'group changed in {-} (group {group.name}/{group.id#})', event: groupChanged },
  { form: 'group changed in {-} (group {group.name}/{group.id#}, {linux.account.new~})', event: groupChanged },
];

const passwords: readonly MessageRow[] = [
  { form: "password for '{user.target.name}' changed by '{user.name}'", event: passwordChanged },
  { form: "password for `{user.target.name}' changed by `{user.name}'", event: passwordChanged },
  { form: 'changed password expiry for {user.target.name}', event: expiryChanged },
  { form: "changed user '{user.target.name}' information", event: userChanged, set: attribute('gecos') },
  { form: "changed user '{user.target.name}' shell to '{linux.account.new~}'", event: userChanged, set: attribute('shell') },
];

/** The account tools of shadow-utils. They say what was changed and seldom who did it: `sudo` and auditd know. */
export const accounts: Mapping = {
  product: 'linux',
  dataset: 'linux.auth',
  appliesTo: {
    programs: [
      'useradd',
      'usermod',
      'userdel',
      'newusers',
      'adduser',
      'groupadd',
      'groupmod',
      'groupdel',
      'groupmems',
      'gpasswd',
      'passwd',
      'chpasswd',
      'chgpasswd',
      'chage',
      'chfn',
      'chsh',
      'vipw',
    ],
  },
  reader: pam,
  messages: [...additions, ...deletions, ...changes, ...members, ...passwords],
};
