import { useLocation } from "preact-iso/router";
import { signInPath } from "../return-path.ts";
import { signOut, user } from "../session.ts";
import { percentSent } from "../uploads/upload-item.ts";
import { uploads } from "../uploads-in-tab.ts";
import { PersonIcon, SignOutIcon, UploadIcon } from "./icons.tsx";
import { Logo } from "./logo.tsx";
import { UploadButton } from "./upload-button.tsx";

const GATE_PATHS = new Set(["/login", "/signup", "/confirm", "/forgot", "/reset"]);

/** The bar on top of every page behind the door. */
export const Header = () => {
  const { path, url, route } = useLocation();
  if (GATE_PATHS.has(path)) {
    return null;
  }
  const person = user.value;
  return (
    <header class="header">
      <div class="header-inner">
        <Logo />
        {path !== "/" && <UploadsUnderWay />}
        {person ? (
          <>
            <UploadButton />
            <a
              class="button quiet icon-only"
              href="/account"
              aria-label={`Account of ${person.name}`}
              title="Account"
              data-testid="account-link"
            >
              <PersonIcon />
            </a>
            <button
              type="button"
              class="button quiet icon-only"
              aria-label="Sign out"
              title="Sign out"
              data-testid="sign-out"
              onClick={() => void signOut().then(() => route("/login"))}
            >
              <SignOutIcon />
            </button>
          </>
        ) : (
          <a class="button" href={signInPath(url)} data-testid="sign-in-link">
            Sign in
          </a>
        )}
      </div>
    </header>
  );
};

/** On other pages than the library: how far the uploads are, and the way to them. */
const UploadsUnderWay = () => {
  const moving = uploads.moving.value;
  if (moving.length === 0) {
    return null;
  }
  const percent = Math.min(...moving.map(percentSent));
  return (
    <a class="badge" href="/" data-testid="uploads-under-way">
      <UploadIcon size={14} /> {moving.length > 1 ? `${moving.length} uploads, ` : ""}
      {percent} %
    </a>
  );
};
