import type { ComponentChildren } from "preact";

/** 24-unit line icons, decorative: the control around them carries the name. */
const Icon = ({ size = 20, children }: { size?: number; children: ComponentChildren }) => (
  <svg
    aria-hidden="true"
    width={size}
    height={size}
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width="2"
    stroke-linecap="round"
    stroke-linejoin="round"
  >
    {children}
  </svg>
);

type Sized = { size?: number };

export const UploadIcon = (props: Sized) => (
  <Icon {...props}>
    <path d="M12 16V4m0 0L7 9m5-5 5 5M4 16v3a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-3" />
  </Icon>
);
export const PlusIcon = (props: Sized) => (
  <Icon {...props}>
    <path d="M12 5v14M5 12h14" />
  </Icon>
);
export const PauseIcon = (props: Sized) => (
  <Icon {...props}>
    <path d="M9 5v14M15 5v14" />
  </Icon>
);
export const PlayIcon = (props: Sized) => (
  <Icon {...props}>
    <path d="M8 5.5v13l10.5-6.5L8 5.5Z" />
  </Icon>
);
export const CloseIcon = (props: Sized) => (
  <Icon {...props}>
    <path d="m6 6 12 12M18 6 6 18" />
  </Icon>
);
export const RetryIcon = (props: Sized) => (
  <Icon {...props}>
    <path d="M20 11a8 8 0 1 0-2.3 6.7M20 4v7h-7" />
  </Icon>
);
export const TrashIcon = (props: Sized) => (
  <Icon {...props}>
    <path d="M4 7h16M10 11v6M14 11v6M6 7l1 13h10l1-13M9 7V4h6v3" />
  </Icon>
);
export const LinkIcon = (props: Sized) => (
  <Icon {...props}>
    <path d="M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1 1M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1-1" />
  </Icon>
);
export const PencilIcon = (props: Sized) => (
  <Icon {...props}>
    <path d="m4 20 1-4L16.5 4.5a2.1 2.1 0 0 1 3 3L8 19l-4 1Z" />
  </Icon>
);
export const AlertIcon = (props: Sized) => (
  <Icon {...props}>
    <path d="M12 8v5m0 3.5v.01M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z" />
  </Icon>
);
export const CheckIcon = (props: Sized) => (
  <Icon {...props}>
    <path d="m5 12.5 4.5 4.5L19 7.5" />
  </Icon>
);
export const LockIcon = (props: Sized) => (
  <Icon {...props}>
    <path d="M7 11V8a5 5 0 0 1 10 0v3M6 11h12v9H6z" />
  </Icon>
);
export const GlobeIcon = (props: Sized) => (
  <Icon {...props}>
    <path d="M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM3 12h18M12 3c5 5 5 13 0 18M12 3c-5 5-5 13 0 18" />
  </Icon>
);
export const PersonIcon = (props: Sized) => (
  <Icon {...props}>
    <path d="M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM4.5 20a7.5 7.5 0 0 1 15 0" />
  </Icon>
);
export const SignOutIcon = (props: Sized) => (
  <Icon {...props}>
    <path d="M14 4h5v16h-5M4 12h11m0 0-4-4m4 4-4 4" />
  </Icon>
);
export const FilmIcon = (props: Sized) => (
  <Icon {...props}>
    <path d="M4 5h16v14H4zM8 5v14M16 5v14M4 9.7h4M4 14.3h4M16 9.7h4M16 14.3h4" />
  </Icon>
);
