const HEIGHT = 22;

/** Counts over a short time as a small picture beside a number; `label` says in words what it shows. */
export function SparkBars({
  counts,
  label,
  width = 96,
}: {
  readonly counts: readonly number[];
  readonly label: string;
  readonly width?: number;
}) {
  const most = Math.max(...counts, 1);
  const step = width / Math.max(counts.length, 1);
  const bars = counts.map((count, place) => ({ count, x: place * step, tall: count === 0 ? 1 : Math.max((count / most) * HEIGHT, 2) }));
  return (
    <svg width={width} height={HEIGHT} role="img" aria-label={label}>
      <title>{label}</title>
      {bars.map(({ count, x, tall }) => (
        <rect
          key={x}
          x={x}
          y={HEIGHT - tall}
          width={Math.max(step - 1, 1)}
          height={tall}
          fill={count === 0 ? 'var(--mantine-color-default-border)' : 'var(--mantine-primary-color-filled)'}
        />
      ))}
    </svg>
  );
}
