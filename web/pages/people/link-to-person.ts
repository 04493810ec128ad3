/** A person's page: by the directory's id, or for a name that it need not know. */
export const linkToPerson = (id: string): string => `/people/${encodeURIComponent(id)}`;
export const linkToName = (name: string): string => linkToPerson(`name:${name}`);
