/** The mark (a sluice gate that opens into a play sign) and the name; leads to the library. */
export const Logo = () => (
  <a class="logo" href="/" data-testid="logo">
    <svg aria-hidden="true" width="30" height="30" viewBox="0 0 32 32">
      <rect width="32" height="32" rx="8" fill="#4b50d6" />
      <path
        fill="#fff"
        d="M12 9.2v13.6c0 .9 1 1.4 1.7.9l9.6-6.8c.6-.4.6-1.4 0-1.8l-9.6-6.8c-.7-.5-1.7 0-1.7.9Z"
      />
      <path stroke="#fff" stroke-width="2.4" stroke-linecap="round" d="M7.6 9v14" />
    </svg>
    Sluice
  </a>
);
