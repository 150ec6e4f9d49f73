import { useSignalEffect } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { LocationProvider, Route, Router, useLocation } from "preact-iso/router";
import { DropAnywhere } from "./components/drop-anywhere.tsx";
import { Header } from "./components/header.tsx";
import { ToastPlace } from "./components/toast.tsx";
import { AccountPage } from "./pages/account.tsx";
import { ConfirmPage } from "./pages/confirm.tsx";
import { ForgotPage } from "./pages/forgot.tsx";
import { LibraryPage } from "./pages/library.tsx";
import { NotFoundPage } from "./pages/not-found.tsx";
import { ResetPage } from "./pages/reset.tsx";
import { SignInPage } from "./pages/sign-in.tsx";
import { SignUpPage } from "./pages/sign-up.tsx";
import { StartingPage } from "./pages/starting.tsx";
import { WatchPage } from "./pages/watch.tsx";
import { safeReturnPath, signInPath } from "./return-path.ts";
import { config, sessionEnded, start, user } from "./session.ts";
import { uploads } from "./uploads-in-tab.ts";

/** Sends people elsewhere while rendering nothing. */
const Redirect = ({ to }: { to: string }) => {
  const { route } = useLocation();
  useEffect(() => route(to, true), [to]);
  return null;
};

/** For pages that need an account: others are sent to sign in and come back afterwards. */
const signedIn = (Page: ComponentType) => () => {
  const { url } = useLocation();
  if (user.value) {
    return <Page />;
  }
  return <Redirect to={config.value?.firstRun ? "/signup" : signInPath(url)} />;
};

/** For pages that are of no use to someone signed in. */
const signedOut = (Page: ComponentType) => () => {
  const { query } = useLocation();
  return user.value ? <Redirect to={safeReturnPath(query.next)} /> : <Page />;
};

const Library = signedIn(LibraryPage);
const Account = signedIn(AccountPage);
const SignIn = signedOut(SignInPage);
const SignUp = signedOut(SignUpPage);
const Confirm = signedOut(ConfirmPage);
const Forgot = signedOut(ForgotPage);

/** A session that ended under the user's hands leads to the sign-in page, from wherever that was. */
const SessionGuard = () => {
  const { url, route } = useLocation();
  const ended = sessionEnded.value;
  useEffect(() => {
    if (ended) {
      route(signInPath(url), true);
    }
  }, [ended]);
  return null;
};

/** The whole page. */
export const App = () => {
  useEffect(() => void start(), []);
  useWarningBeforeLeaving();
  // Another account must not see, or go on with, what this one was sending.
  useSignalEffect(() => {
    if (user.value === null) {
      uploads.clear();
    }
  });
  if (user.value === undefined || config.value === undefined) {
    return <StartingPage />;
  }
  return (
    <LocationProvider>
      <a class="skip-link" href="#main">
        Skip to content
      </a>
      <SessionGuard />
      <Header />
      <Router>
        <Route path="/" component={Library} />
        <Route path="/watch/:id" component={WatchPage} />
        <Route path="/account" component={Account} />
        <Route path="/login" component={SignIn} />
        <Route path="/signup" component={SignUp} />
        <Route path="/confirm" component={Confirm} />
        <Route path="/forgot" component={Forgot} />
        <Route path="/reset" component={ResetPage} />
        <Route default component={NotFoundPage} />
      </Router>
      {user.value && <DropAnywhere />}
      <ToastPlace />
    </LocationProvider>
  );
};

/** The browser asks before the page is closed while something is being sent. */
const useWarningBeforeLeaving = (): void =>
  useSignalEffect(() => {
    if (uploads.moving.value.length === 0) {
      return;
    }
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  });
