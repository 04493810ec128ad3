import { Kbd, Modal, Switch } from '@mantine/core';
import { useState } from 'react';
import { keepKeys, keysOn } from './kept.ts';

const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['/', 'To the query'],
  ['j k', 'Next event, event before'],
  ['Enter', 'Open the event'],
  ['Esc', 'Close what is open'],
  ['l', 'Live tail on and off'],
  ['?', 'This list'],
];

export function KeysHelp({ onClose }: { readonly onClose: () => void }) {
  const [isOn, setOn] = useState(keysOn);
  return (
    <Modal opened onClose={onClose} title="Keys" closeButtonProps={{ 'aria-label': 'Close' }}>
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
