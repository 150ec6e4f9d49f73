import type { ComponentChildren } from "preact";
import { AlertIcon, CheckIcon } from "./icons.tsx";

type NoticeProps = {
  tone?: "bad" | "good" | "careful";
  testId?: string;
  children: ComponentChildren;
};

/** A boxed sentence. Bad ones are announced at once, others when the reader is free. */
export const Notice = ({ tone, testId, children }: NoticeProps) => (
  <div
    class={`notice ${tone ?? ""}`}
    role={tone === "bad" ? "alert" : "status"}
    data-testid={testId ?? (tone === "bad" ? "error" : "notice")}
  >
    {tone === "good" ? <CheckIcon /> : <AlertIcon />}
    <div>{children}</div>
  </div>
);
