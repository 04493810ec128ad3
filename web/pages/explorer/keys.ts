import { useEffect, useRef } from 'react';
import { keysOn } from './kept.ts';

/** Keys without a field to type in: `use` is called with the key, and says whether it did something. */
export function useKeys(use: (key: string) => boolean): void {
  const latest = useRef(use);
  latest.current = use;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key.length === 1 && !keysOn()) return;
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
