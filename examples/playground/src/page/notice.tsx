import type { VNode } from 'preact';
import { notice } from './state.js';

export function Notice(): VNode {
  const { kind, text } = notice.value ?? { kind: 'done', text: '' };
  return (
    <div class={`notice ${kind}`} role="alert" hidden={text === ''}>
      <p>{text}</p>
      <button type="button" class="quiet" onClick={() => (notice.value = null)}>
        Close
      </button>
    </div>
  );
}
