import type { ComponentChildren } from "preact";
import { Logo } from "./logo.tsx";
import { PageTitle } from "./page-title.tsx";

type GateProps = {
  title: string;
  lead?: ComponentChildren;
  foot?: ComponentChildren;
  children: ComponentChildren;
};

/** The frame of the pages before the door: sign-in, sign-up and their kin. */
export const Gate = ({ title, lead, foot, children }: GateProps) => (
  <main class="gate" id="main">
    <Logo />
    <div class="card gate-card">
      <div>
        <PageTitle>{title}</PageTitle>
        {lead && <p class="lead">{lead}</p>}
      </div>
      {children}
    </div>
    {foot && <p class="gate-foot">{foot}</p>}
  </main>
);
