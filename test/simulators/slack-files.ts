import type { IncomingMessage, ServerResponse } from 'node:http';

/** A file as the workspace has it. */
export interface UploadedFile {
  readonly id: string;
  readonly name: string;
  readonly alt: string;
  readonly bytes: Buffer;
  readonly completedAt: number | undefined;
}

export interface SlackFiles {
  /** In the order in which they were begun. */
  readonly uploads: readonly UploadedFile[];
  /** What the next uploads of bytes meet: this status. */
  breakUploads(status: number | undefined): void;
  begin(args: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined;
  complete(args: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined;
  /** Whether a message can show it. */
  readonly isShown: (id: string) => boolean;
  /** False: the request is for no file. */
  serve(request: IncomingMessage, response: ServerResponse, path: string): boolean;
}

/**
 * Files that are uploaded in three steps: an address for so many bytes, the bytes as they are, and that it is complete, once
 * (docs.slack.dev, `files.getUploadURLExternal`, `files.completeUploadExternal`). They are looked at afterwards, and a message that shows one
 * before is refused as `invalid_blocks` (slackapi/python-slack-sdk, issue 1521). The address is its own proof: no token goes there.
 */
export function createSlackFiles(origin: () => string, takesMs: number, now: () => number): SlackFiles {
  const uploads: UploadedFile[] = [];
  const lengths = new Map<string, number>();
  let broken: number | undefined;

  const change = (id: string, values: Partial<UploadedFile>): boolean => {
    const at = uploads.findIndex((file) => file.id === id);
    const file = uploads[at];
    if (file !== undefined) uploads[at] = { ...file, ...values };
    return file !== undefined;
  };
  const find = (id: string) => uploads.find((file) => file.id === id);

  const take = async (request: IncomingMessage, id: string): Promise<number> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    if (broken !== undefined) return broken;
    if (request.headers.authorization !== undefined || bytes.length !== lengths.get(id)) return 400;
    return change(id, { bytes }) ? 200 : 404;
  };

  return {
    uploads,
    breakUploads: (status) => {
      broken = status;
    },
    begin: ({ filename, length, alt_txt: alt = '' }) => {
      const size = Number(length);
      if (typeof filename !== 'string' || filename === '' || !Number.isSafeInteger(size) || size < 1 || String(alt).length > 1_000)
        return undefined;
      const id = `F${String(uploads.length + 1).padStart(9, '0')}`;
      uploads.push({ id, name: filename, alt: String(alt), bytes: Buffer.alloc(0), completedAt: undefined });
      lengths.set(id, size);
      return { upload_url: `${origin()}upload/v1/${id}`, file_id: id };
    },
    complete: ({ files }) => {
      const [first] = Array.isArray(files) ? files : [];
      const id = String(first?.id);
      const file = find(id);
      if (file === undefined || file.bytes.length === 0 || file.completedAt !== undefined) return undefined;
      change(id, { completedAt: now() });
      // What it is, is not known yet.
      return { files: [{ id, title: first?.title ?? file.name, mimetype: '', filetype: '' }] };
    },
    isShown: (id) => {
      const at = find(id)?.completedAt;
      return at !== undefined && now() - at >= takesMs;
    },
    serve: (request, response, path) => {
      const [, door, id = ''] = /^\/(upload\/v1|files)\/(F\d+)$/.exec(path) ?? [];
      if (door === undefined) return false;
      if (door === 'files') {
        const file = find(id);
        response.writeHead(file === undefined ? 404 : 200, { 'content-type': 'image/png' }).end(file?.bytes);
      } else {
        take(request, id).then(
          (status) => response.writeHead(status).end(status === 200 ? 'OK' : 'no'),
          () => request.socket.destroy(),
        );
      }
      return true;
    },
  };
}
