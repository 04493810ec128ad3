const grouped = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** `12,345` */
export const whole = (count: number): string => grouped.format(count);

/** `12.3K`, for where there is little room. */
export const compact = (count: number): string => short.format(count);

/** `12 %`; a share that is there is never 0, and one that is not all is never 100. */
export function share(part: number, all: number): string {
  if (part === 0 || all === 0) return '0 %';
  const percent = (part / all) * 100;
  if (percent < 0.1) return '< 0.1 %';
  if (percent > 99.9 && part < all) return '> 99.9 %';
  return `${percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
}
