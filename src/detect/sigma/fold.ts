/**
 * The form in which texts are compared without regard to case: Unicode lower case, and final sigma as sigma, because lower-casing
 * chooses between the two by the neighbors and would make `contains` depend on them.
 */
export function fold(text: string): string {
  const lower = text.toLowerCase();
  return lower.includes('ς') ? lower.replaceAll('ς', 'σ') : lower;
}
