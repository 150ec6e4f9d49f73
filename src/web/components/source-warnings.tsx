import type { VideoBody } from "../../http/schemas.ts";
import { AlertIcon } from "./icons.tsx";
import { Notice } from "./notice.tsx";

type WarningsProps = Pick<VideoBody, "warnings">;

/** What was worked around in the uploaded file: sentences, with the codes that documentation and programs know. */
export const SourceWarnings = ({ warnings }: WarningsProps) => (
  <>
    {warnings.map(({ code, message }) => (
      <Notice key={code} tone="careful" testId="warning">
        {message} <code class="warning-code">{code}</code>
      </Notice>
    ))}
  </>
);

/** Says in a list that there is something to read on the video's page; nothing without warnings. */
export const WarningSign = ({ warnings }: WarningsProps) =>
  warnings.length === 0 ? null : (
    <span
      class="badge careful"
      title={warnings.map(({ message }) => message).join("\n")}
      data-testid="warning-sign"
    >
      <AlertIcon size={12} />
      {warnings.length === 1 ? "1 warning" : `${warnings.length} warnings`}
    </span>
  );
