import {
  Bell,
  Contact,
  KeyRound,
  LayoutDashboard,
  ListChecks,
  type LucideIcon,
  Radar,
  RadioTower,
  ScrollText,
  Send,
  ShieldCheck,
  SquareTerminal,
  UsersRound,
} from 'lucide-react';
import { type ComponentType, lazy } from 'react';
import type { Scope } from '../../src/api/contract/endpoint.ts';
import { askAhead } from './explorer/ask-ahead.ts';

/** A page of the console: an address, a place in the navigation, and its code, which is loaded when it is opened. */
export interface Page {
  /** In React Router's form. */
  readonly path: string;
  readonly view: PageView;
  /** Absent: reached from other pages only. */
  readonly nav?: { readonly label: string; readonly icon: LucideIcon };
  /** Who has none of it is not shown the way. */
  readonly scope: Scope;
  /** Asks the hub for what the page shows first at an address, while its code is still on its way. */
  readonly ahead?: (search: URLSearchParams) => void;
}

/** What a page draws. */
export interface PageView {
  /** The code itself where it is there already, so that nothing is shown in its place; else what waits for it. */
  readonly part: () => ComponentType;
  readonly load: () => Promise<unknown>;
}

/** A view that is a named export of a module, loaded when it is wanted. */
function view<Name extends string>(load: () => Promise<Record<Name, ComponentType>>, name: Name): PageView {
  let loaded: ComponentType | undefined;
  const once = async (): Promise<{ default: ComponentType }> => {
    const part = (await load())[name];
    loaded = part;
    return { default: part };
  };
  const later = lazy(once);
  return { part: () => loaded ?? later, load: once };
}

/** In the order of the navigation. The first that one may see is where one arrives. */
export const PAGES: readonly Page[] = [
  {
    path: '/overview',
    nav: { label: 'Overview', icon: LayoutDashboard },
    scope: 'events:read',
    view: view(() => import('./overview/overview.tsx'), 'Overview'),
  },
  {
    path: '/explorer',
    view: view(() => import('./explorer/explorer.tsx'), 'Explorer'),
    nav: { label: 'Audit logs', icon: ScrollText },
    scope: 'events:read',
    ahead: askAhead,
  },
  {
    path: '/alerts',
    nav: { label: 'Alerts', icon: Bell },
    scope: 'events:read',
    view: view(() => import('./alerts/alert-queue.tsx'), 'AlertQueue'),
  },
  { path: '/alerts/:id', scope: 'events:read', view: view(() => import('./alerts/alert-page.tsx'), 'AlertPage') },
  {
    path: '/detections',
    nav: { label: 'Detections', icon: Radar },
    scope: 'events:read',
    view: view(() => import('./detections/detections.tsx'), 'DetectionsPage'),
  },
  {
    path: '/sessions',
    nav: { label: 'Sessions', icon: SquareTerminal },
    scope: 'events:read',
    view: view(() => import('./sessions/sessions.tsx'), 'Sessions'),
  },
  { path: '/sessions/:id', scope: 'events:read', view: view(() => import('./sessions/session-page.tsx'), 'OneSession') },
  {
    path: '/people',
    nav: { label: 'People', icon: Contact },
    scope: 'events:read',
    view: view(() => import('./people/people.tsx'), 'People'),
  },
  {
    path: '/lists',
    nav: { label: 'Lists', icon: ListChecks },
    scope: 'events:read',
    view: view(() => import('./lists/lists.tsx'), 'Lists'),
  },
  { path: '/lists/:name', scope: 'events:read', view: view(() => import('./lists/list.tsx'), 'OneList') },
  { path: '/people/:id', scope: 'events:read', view: view(() => import('./people/person.tsx'), 'OnePerson') },
  {
    path: '/sources',
    nav: { label: 'Sources', icon: RadioTower },
    scope: 'events:read',
    view: view(() => import('./sources/sources.tsx'), 'Sources'),
  },
  {
    path: '/rules',
    nav: { label: 'Rules', icon: ShieldCheck },
    scope: 'events:read',
    view: view(() => import('./rules/rules.tsx'), 'Rules'),
  },
  {
    path: '/notifications',
    nav: { label: 'Notifications', icon: Send },
    scope: 'events:read',
    view: view(() => import('./notifications/notifications.tsx'), 'Notifications'),
  },
  { path: '/rules/:id', scope: 'events:read', view: view(() => import('./rules/rule.tsx'), 'OneRule') },
  { path: '/users', view: view(() => import('./users/users.tsx'), 'Users'), nav: { label: 'Users', icon: UsersRound }, scope: 'admin' },
  { path: '/tokens', view: view(() => import('./tokens/tokens.tsx'), 'Tokens'), nav: { label: 'Tokens', icon: KeyRound }, scope: 'admin' },
  { path: '/account', view: view(() => import('./account/account.tsx'), 'Account'), scope: 'events:read' },
];

/** The page at an address. */
export const pageAt = (path: string): Page | undefined =>
  path === '/' ? PAGES[0] : PAGES.find((page) => new RegExp(`^${page.path.replace(/:\w+/g, '[^/]+')}/?$`).test(path));
