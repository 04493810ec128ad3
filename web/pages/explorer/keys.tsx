import { Kbd, Modal, Switch } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { keepKeys, keysOn } from './kept.ts';

const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['/', 'To the query'],
  ['j k', 'Next event, event before'],
  ['Enter', 'Open the event'],
  ['Esc', 'Close what is open'],
  ['l', 'Live tail on and off'],
  ['c', 'Choose columns'],
  ['?', 'This list'],
];

/** Keys without a field to type in: `use` is called with the key, and says whether it did something. */
export function useKeys(use: (key: string) => boolean): void {
  const latest = useRef(use);
  latest.current = use;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key.length === 1 && event.key !== '?' && !keysOn()) return;
      if (latest.current(event.key)) event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}

/** In a field, a menu or a dialog that has the page, keys mean something else. */
const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  target.closest('input, textarea, select, [contenteditable], [role=menu], [role=dialog]:not(.event-drawer)') !== null;

export function KeysHelp({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const [isOn, setOn] = useState(keysOn);
  return (
    <Modal opened={isOpen} onClose={onClose} title="Keys" closeButtonProps={{ 'aria-label': 'Close' }}>
      <dl className="keys">
        {KEYS.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              {keys.split(' ').map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <Switch
        mt="md"
        label="Single keys do this"
        description="Off: only Enter, arrows and Esc, for who dictates to their machine."
        checked={isOn}
        onChange={({ currentTarget: { checked } }) => {
          setOn(checked);
          keepKeys(checked);
        }}
      />
    </Modal>
  );
}
