import type { VideoBody } from "../../http/schemas.ts";
import { GlobeIcon, LinkIcon, LockIcon } from "./icons.tsx";

/** What each visibility is called, and what it means. */
export const visibilityTexts = {
  private: { name: "Private", meaning: "Only you can watch it." },
  unlisted: { name: "Unlisted", meaning: "Anyone with the link can watch it." },
  public: { name: "Public", meaning: "Anyone can watch it, and it is listed." },
} as const satisfies Record<VideoBody["visibility"], { name: string; meaning: string }>;

const icons = { private: LockIcon, unlisted: LinkIcon, public: GlobeIcon } as const;

export const VisibilityBadge = ({ visibility }: { visibility: VideoBody["visibility"] }) => {
  const VisibilityIcon = icons[visibility];
  return (
    <span class="badge" data-testid="visibility-badge">
      <VisibilityIcon size={12} /> {visibilityTexts[visibility].name}
    </span>
  );
};
