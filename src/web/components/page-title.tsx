import { useEffect, useRef } from "preact/hooks";

/** The page's heading: names the tab, and takes focus after navigation so that screen readers read it. */
export const PageTitle = ({ children, hidden = false }: { children: string; hidden?: boolean }) => {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${children} · Sluice`;
  }, [children]);
  useEffect(() => {
    // An autofocused field knows better, and the first page load starts at the top by itself.
    if (document.activeElement === document.body && history.state !== null) {
      heading.current?.focus({ preventScroll: true });
    }
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1} class={hidden ? "visually-hidden" : undefined}>
      {children}
    </h1>
  );
};
