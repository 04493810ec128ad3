import { useLocalStorage } from '@mantine/hooks';
import { useEffect } from 'react';

/** Whether single keys do something: who dictates to their computer turns that off (WCAG 2.1.4). */
export const useKeysOn = () => useLocalStorage({ key: 'earshot-single-keys', defaultValue: true, getInitialValueInEffect: false });

/** Single keys of a page, while nobody types and no dialog is open. */
export function useKeys(keys: Readonly<Record<string, () => void>>, on: boolean): void {
  useEffect(() => {
    if (!on) return;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('[role="dialog"][aria-modal="true"]') !== null) return;
      const act = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [keys, on]);
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches('input:not([type=checkbox]), textarea, select'));
