/** Bounds of Block Kit (slackapi/node-slack-sdk, packages/types/src/block-kit), of blocks without files. */
export const isValidBlock = (block: unknown): boolean => isValid(block, () => false);

/** The same; `isShown`: whether the file of that id can be shown. */
export const isValidWith =
  (isShown: (file: string) => boolean) =>
  (block: unknown): boolean =>
    isValid(block, isShown);

function isValid(block: unknown, isShown: (file: string) => boolean): boolean {
  if (!isObject(block)) return false;
  if (block.type === 'image') return isShort(block.alt_text, 2_000) && isObject(block.slack_file) && isShown(String(block.slack_file.id));
  if (block.type === 'header') return isText(block.text, 'plain_text', 150);
  if (block.type === 'divider') return true;
  if (block.type === 'actions') return isShort(block.block_id, 255) && isList(block.elements, 25) && block.elements.every(isClickable);
  if (block.type === 'context') return isList(block.elements, 10) && block.elements.every((each) => isText(each, 'mrkdwn', 3_000));
  if (block.type !== 'section') return false;
  if (block.text === undefined && block.fields === undefined) return false;
  if (block.text !== undefined && !isText(block.text, 'mrkdwn', 3_000)) return false;
  return block.fields === undefined || (isList(block.fields, 10) && block.fields.every((each) => isText(each, 'mrkdwn', 2_000)));
}

/** Of what can be clicked: what Earshot uses. */
function isClickable(element: unknown): boolean {
  if (!isObject(element) || !isShort(element.action_id, 255)) return false;
  if (element.type === 'button')
    return isText(element.text, 'plain_text', 75) && (element.url === undefined || isShort(element.url, 3_000));
  if (element.type !== 'static_select' || !isText(element.placeholder, 'plain_text', 150)) return false;
  if (element.confirm !== undefined && !isConfirmation(element.confirm)) return false;
  return isList(element.options, 100) && element.options.every(isOption);
}

/** docs.slack.dev, "Confirmation dialog object". */
const isConfirmation = (value: unknown): boolean =>
  isObject(value) &&
  isText(value.title, 'plain_text', 100) &&
  isText(value.text, 'plain_text', 300) &&
  isText(value.confirm, 'plain_text', 30) &&
  isText(value.deny, 'plain_text', 30);

const isOption = (option: unknown): boolean => isObject(option) && isText(option.text, 'plain_text', 75) && isShort(option.value, 75);

const isShort = (value: unknown, most: number): boolean => typeof value === 'string' && value !== '' && value.length <= most;

const isList = (value: unknown, most: number): value is unknown[] => Array.isArray(value) && value.length > 0 && value.length <= most;

function isText(value: unknown, type: string, most: number): boolean {
  return isObject(value) && value.type === type && typeof value.text === 'string' && value.text !== '' && value.text.length <= most;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
