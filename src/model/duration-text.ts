const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** A length of time in at most two units: `3 h 20 min`, `45 s`, `80 ms`. */
export function durationText(seconds: number): string {
  if (seconds > 0 && seconds < 1) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 10 && seconds % 1 !== 0) return `${Math.round(seconds * 10) / 10} s`;
  const whole = Math.round(seconds);
  const first = UNITS.findIndex(([, size]) => whole >= size);
  if (first < 0) return '0 s';
  const [unit, size] = UNITS[first] ?? ['s', 1];
  const [nextUnit, nextSize] = UNITS[first + 1] ?? [];
  const count = Math.floor(whole / size);
  const rest = nextSize === undefined ? 0 : Math.floor((whole % size) / nextSize);
  return rest === 0 ? `${count} ${unit}` : `${count} ${unit} ${rest} ${nextUnit}`;
}
