import type { VNode } from 'preact';
import { useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { question } from './state.js';

export function Dialog(): VNode {
  const dialog = useRef<HTMLDialogElement>(null);
  useSignalEffect(() => {
    if (question.value !== null) dialog.current?.showModal();
    else dialog.current?.close();
  });
  const { title, text, answers, answer } = question.value ?? { title: '', text: '', answers: [] };
  return (
    <dialog ref={dialog} aria-labelledby="question" onCancel={() => answer?.(null)}>
      <h2 id="question">{title}</h2>
      <p>{text}</p>
      <div class="actions">
        {answers.map(({ id, label }, i) => (
          <button key={id} type="button" class={i === 0 ? 'main' : ''} onClick={() => answer?.(id)}>
            {label}
          </button>
        ))}
        <button type="button" onClick={() => answer?.(null)}>
          Cancel
        </button>
      </div>
    </dialog>
  );
}
