import { ActionIcon, Menu, TextInput, Tooltip } from '@mantine/core';
import { CircleMinus, CirclePlus, Columns3, Ellipsis, ListFilter, PieChart, Search } from 'lucide-react';
import { useMemo, useState } from 'react';
import { CopyButton } from './copy-button.tsx';
import { eachValue, type FieldNode, fieldTree, foundIn, isPlain, type Json, valueText } from './field-tree.ts';
import { Empty } from './page-state.tsx';
import { canBeTerm, hasField, isValue, lacksField, opposite } from './query-text.ts';
import './event-fields.css';

/** What can be done with a field of an event. */
export interface FieldActions {
  /** Adds a term to the query. */
  readonly onTerm: (term: string) => void;
  /** Shows the field as a column, or no more. */
  readonly onColumn?: ((field: string) => void) | undefined;
  readonly isColumn?: ((field: string) => boolean) | undefined;
  /** Shows the most frequent values of the field. */
  readonly onQuickValues?: ((field: string) => void) | undefined;
}

/** All fields of an event as a tree, each value with what can be done with it. */
export function EventFields({ fields, actions }: { readonly fields: Readonly<Record<string, Json>>; readonly actions: FieldActions }) {
  const [text, setText] = useState('');
  const tree = useMemo(() => fieldTree(fields), [fields]);
  const shown = foundIn(tree, text);
  return (
    <>
      <TextInput
        placeholder="Find a field or a value"
        aria-label="Find a field or a value"
        leftSection={<Search size={13} aria-hidden />}
        value={text}
        onChange={({ currentTarget: { value } }) => setText(value)}
        mb="xs"
      />
      {shown.length === 0 && <Empty title="No field holds this text">Clear the text to see all fields.</Empty>}
      <ul className="fields">
        {shown.map((node) => (
          <Branch key={node.path} node={node} actions={actions} />
        ))}
      </ul>
    </>
  );
}

function Branch({ node, actions }: { readonly node: FieldNode; readonly actions: FieldActions }) {
  const below = node.children.length > 0 && (
    <ul className="fields">
      {node.children.map((child) => (
        <Branch key={child.path} node={child} actions={actions} />
      ))}
    </ul>
  );
  if (node.value !== undefined)
    return (
      <li>
        <Leaf name={node.name} path={node.path} value={node.value} actions={actions} />
        {below}
      </li>
    );
  return (
    <li>
      <details open>
        <summary className="fields-name">{node.name}</summary>
        {below}
      </details>
    </li>
  );
}

function Leaf({
  name,
  path,
  value,
  actions,
}: {
  readonly name: string;
  readonly path: string;
  readonly value: Json;
  readonly actions: FieldActions;
}) {
  const values = eachValue(value);
  return (
    <div className="fields-leaf">
      <span className="fields-name" title={path}>
        {name}
      </span>
      <div className="fields-values">
        {values.length === 0 && <span className="fields-value">(empty list)</span>}
        {values.map((each, place) => (
          // Values of a list may be the same; their place is all that tells them apart.
          // biome-ignore lint/suspicious/noArrayIndexKey: the list of an event never changes
          <Value key={place} path={path} value={each} actions={actions} />
        ))}
      </div>
    </div>
  );
}

function Value({ path, value, actions }: { readonly path: string; readonly value: Json; readonly actions: FieldActions }) {
  const text = valueText(value);
  const term = isPlain(value) && canBeTerm(path, text) ? isValue(path, text) : undefined;
  return (
    <div className="fields-line">
      <span className="fields-value">{text === '' ? '(empty text)' : text}</span>
      <span className="fields-actions">
        {term !== undefined && (
          <>
            <Act label={`Only ${path} ${text}`} icon={CirclePlus} onClick={() => actions.onTerm(term)} />
            <Act label={`Not ${path} ${text}`} icon={CircleMinus} onClick={() => actions.onTerm(opposite(term))} />
          </>
        )}
        <CopyButton text={text} label={`Copy the value of ${path}`} />
        <More path={path} term={term} actions={actions} />
      </span>
    </div>
  );
}

function Act({ label, icon: Icon, onClick }: { readonly label: string; readonly icon: typeof Search; readonly onClick: () => void }) {
  return (
    <Tooltip label={label.slice(0, 80)}>
      <ActionIcon variant="subtle" color="gray" size={24} aria-label={label.slice(0, 200)} onClick={onClick}>
        <Icon size={13} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

/** The menu is made when it is asked for: an event has a hundred fields. */
function More({ path, term, actions }: { readonly path: string; readonly term: string | undefined; readonly actions: FieldActions }) {
  const [isOpen, setOpen] = useState(false);
  const button = (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={24}
      aria-label={`More about ${path}`}
      aria-haspopup="menu"
      onClick={() => setOpen(!isOpen)}
    >
      <Ellipsis size={13} aria-hidden />
    </ActionIcon>
  );
  if (!isOpen) return button;
  const { onTerm, onColumn, isColumn, onQuickValues } = actions;
  return (
    <Menu opened onChange={setOpen} position="bottom-end" withinPortal>
      <Menu.Target>{button}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Label className="mono">{path}</Menu.Label>
        <Menu.Item leftSection={<ListFilter size={13} aria-hidden />} onClick={() => onTerm(hasField(path))}>
          Only events with this field
        </Menu.Item>
        <Menu.Item leftSection={<ListFilter size={13} aria-hidden />} onClick={() => onTerm(lacksField(path))}>
          Only events without it
        </Menu.Item>
        {onColumn && (
          <Menu.Item leftSection={<Columns3 size={13} aria-hidden />} onClick={() => onColumn(path)}>
            {isColumn?.(path) === true ? 'Remove the column' : 'Show as a column'}
          </Menu.Item>
        )}
        {onQuickValues && (
          <Menu.Item leftSection={<PieChart size={13} aria-hidden />} onClick={() => onQuickValues(path)}>
            Quick values
          </Menu.Item>
        )}
        {term !== undefined && (
          <Menu.Item leftSection={<Search size={13} aria-hidden />} onClick={() => void navigator.clipboard.writeText(term)}>
            Copy as filter
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
