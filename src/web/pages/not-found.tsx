import { PageTitle } from "../components/page-title.tsx";
import { signInPath } from "../return-path.ts";
import { user } from "../session.ts";

type NotFoundProps = { title?: string; children?: string };

/** Nothing at this address, or nothing that this person may see: both look alike on purpose. */
export const NotFoundPage = ({
  title = "Page not found",
  children = "There is nothing at this address. It may have been mistyped, or what was here is gone.",
}: NotFoundProps) => (
  <main class="main centred" id="main" data-testid="not-found">
    <PageTitle>{title}</PageTitle>
    <p class="soft">{children}</p>
    <a class="button primary" href={user.value ? "/" : signInPath(location.pathname)}>
      {user.value ? "Go to your videos" : "Sign in"}
    </a>
  </main>
);
