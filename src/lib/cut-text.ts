/** The text, cut to at most `max` code points, the last of them an ellipsis where something is missing. Never half a character. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  let points = 0;
  let keep = 0;
  for (const point of text) {
    points++;
    if (points > max) return `${text.slice(0, keep)}…`;
    if (points < max) keep += point.length;
  }
  return text;
}
