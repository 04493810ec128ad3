type ScimType = 'invalidFilter' | 'invalidPath' | 'invalidSyntax' | 'invalidValue' | 'noTarget' | 'uniqueness' | 'mutability';

const ERROR_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:Error';

/** A refusal in SCIM's form (RFC 7644, section 3.12). Thrown by handlers, written by the server. */
export class ScimFault extends Error {
  override readonly name = 'ScimFault';
  readonly status: number;
  readonly scimType: ScimType | undefined;

  constructor(status: number, detail: string, scimType?: ScimType) {
    super(detail);
    this.status = status;
    this.scimType = scimType;
  }
}

export const noSuch = (what: string, id: string): ScimFault => new ScimFault(404, `There is no ${what} ${id.slice(0, 100)}.`);
export const invalid = (detail: string, scimType: ScimType = 'invalidValue'): ScimFault => new ScimFault(400, detail, scimType);

export const errorDocument = (status: number, detail: string, scimType?: string) => ({
  schemas: [ERROR_SCHEMA],
  status: `${status}`,
  ...(scimType !== undefined && { scimType }),
  detail,
});
