/**
 * One line of visible characters. Controls, line ends and tabs become a space. Bidirectional controls can show a name as another;
 * zero-width ones can split a word that somebody listens for: both go.
 */
export function visibleText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\p{Default_Ignorable_Code_Point}|[\u061C\uFFF9-\uFFFB]/gu, '')
    .replace(/ {2,}/g, ' ')
    .trim();
}
