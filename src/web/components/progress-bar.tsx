type ProgressBarProps = {
  label: string;
  /** 0 to 100; null while unknown. */
  percent: number | null;
  paused?: boolean;
};

/** A bar with its value for assistive technology. */
export const ProgressBar = ({ label, percent, paused = false }: ProgressBarProps) => (
  <span
    class={`progress ${paused ? "paused" : ""} ${percent === null ? "unknown" : ""}`}
    role="progressbar"
    aria-label={label}
    aria-valuemin={0}
    aria-valuemax={100}
    {...(percent === null ? {} : { "aria-valuenow": Math.round(percent) })}
  >
    <span style={percent === null ? {} : { width: `${percent}%` }} />
  </span>
);
