import { useState } from 'react';
import { Navigate, Route, Routes } from 'react-router';
import { may, SessionContext, useSessionQuery } from './data/session.ts';
import { Frame } from './frame.tsx';
import { PAGES, type PageView } from './pages/pages.ts';
import { Empty, Failed, Loading } from './parts/page-state.tsx';
import { Setup } from './setup.tsx';
import { SignIn } from './sign-in.tsx';

export function App() {
  return (
    <Routes>
      <Route path="/setup" element={<Setup />} />
      <Route path="*" element={<SignedIn />} />
    </Routes>
  );
}

function SignedIn() {
  const { data: session, error, isPending, refetch } = useSessionQuery();
  if (isPending) return <Loading what="Earshot" />;
  if (error !== null) return <Failed error={error} retry={() => void refetch()} />;
  if (session === null) return <SignIn />;
  const pages = PAGES.filter(({ scope }) => may(session, scope));
  const first = pages.find(({ nav }) => nav !== undefined);
  return (
    <SessionContext value={session}>
      <Frame pages={pages}>
        <Routes>
          {first && <Route path="/" element={<Navigate to={first.path} replace />} />}
          {pages.map(({ path, view }) => (
            <Route key={path} path={path} element={<PageOf key={path} view={view} />} />
          ))}
          <Route path="*" element={<Empty title="There is no such page">Choose one from the navigation.</Empty>} />
        </Routes>
      </Frame>
    </SessionContext>
  );
}

/** What a page draws stays the same while it is open, also when its code comes in the meantime. */
function PageOf({ view }: { readonly view: PageView }) {
  const [Part] = useState(() => view.part());
  return <Part />;
}
