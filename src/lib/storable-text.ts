/** Text as both databases can hold it: PostgreSQL refuses U+0000 and unpaired surrogates, SQLite cuts at the former in places. */
export const storable = (text: string): string => text.toWellFormed().replaceAll('\u0000', '\uFFFD');
