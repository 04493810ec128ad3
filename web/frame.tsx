import { ActionIcon, AppShell, Burger, Group, Menu, NavLink, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { CircleUser, LogOut, Moon, Sun } from 'lucide-react';
import { type ReactNode, Suspense } from 'react';
import { Link, useLocation } from 'react-router';
import { useSession } from './data/session.ts';
import { signOut } from './data/sign-out.ts';
import type { Page } from './pages/pages.ts';
import { Loading } from './parts/page-state.tsx';

/** What is around every page: the navigation, who is signed in, light or dark. */
export function Frame({ pages, children }: { readonly pages: readonly Page[]; readonly children: ReactNode }) {
  const [opened, { toggle, close }] = useDisclosure();
  const { pathname } = useLocation();
  return (
    <AppShell header={{ height: 46 }} navbar={{ width: 188, breakpoint: 'sm', collapsed: { mobile: !opened } }} padding="md">
      <a className="skip-link" href="#content">
        To the content
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap">
            <Burger
              opened={opened}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={opened ? 'Close navigation' : 'Open navigation'}
            />
            <Link to="/" className="home" onClick={close}>
              <img src="/icon.svg" alt="" width={22} height={22} />
              Earshot
            </Link>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <SchemeSwitch />
            <UserMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" component="nav" aria-label="Pages">
        {pages.map(
          ({ path, nav }) =>
            nav && (
              <NavLink
                key={path}
                component={Link}
                to={path}
                label={nav.label}
                leftSection={<nav.icon size={16} aria-hidden />}
                active={pathname === path || pathname.startsWith(`${path}/`)}
                aria-current={pathname === path ? 'page' : undefined}
                onClick={close}
              />
            ),
        )}
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <Suspense fallback={<Loading what="the page" />}>{children}</Suspense>
      </AppShell.Main>
    </AppShell>
  );
}

function SchemeSwitch() {
  const { setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme('light') === 'dark';
  const label = isDark ? 'Light colours' : 'Dark colours';
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={() => setColorScheme(isDark ? 'light' : 'dark')}>
        {isDark ? <Sun size={16} aria-hidden /> : <Moon size={16} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
}

function UserMenu() {
  const { display_name: name, role } = useSession();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Signed in as ${name}`}>
          <CircleUser size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {name} · {role}
        </Menu.Label>
        <Menu.Item leftSection={<CircleUser size={14} aria-hidden />} component={Link} to="/account">
          Your account
        </Menu.Item>
        <Menu.Item leftSection={<LogOut size={14} aria-hidden />} onClick={() => void signOut()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
