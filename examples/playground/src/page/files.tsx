import type { VNode } from 'preact';
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { download, load, save, take } from './actions.js';
import { opened } from './state.js';

export function Files(): VNode {
  const picker = useRef<HTMLInputElement>(null);
  const hovers = useSignal(false);
  const able = opened.value !== null;
  useEffect(() => {
    // Anywhere on the page: who misses the box must not leave the page with the file.
    const over = (event: DragEvent): void => {
      event.preventDefault();
      hovers.value = true;
    };
    const leave = (): void => void (hovers.value = false);
    const drop = (event: DragEvent): void => {
      event.preventDefault();
      leave();
      const file = event.dataTransfer?.files[0];
      if (file) void take(file);
    };
    document.addEventListener('dragover', over);
    document.addEventListener('dragleave', leave);
    document.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('dragover', over);
      document.removeEventListener('dragleave', leave);
      document.removeEventListener('drop', drop);
    };
  }, []);
  return (
    <section class={`card files ${hovers.value ? 'hovers' : ''}`} aria-label="Checkpoints">
      <h2>Keep it</h2>
      <p>
        Weights, optimizer and position, in this browser or as one <code>.safetensors</code> file.
        Drop such a file anywhere on the page to go on from it.
      </p>
      <div class="actions">
        <button type="button" disabled={!able} onClick={save}>
          Save
        </button>
        <button type="button" disabled={!able} onClick={load}>
          Load
        </button>
        <button type="button" disabled={!able} onClick={download}>
          Download
        </button>
        <button type="button" disabled={!able} onClick={() => picker.current!.click()}>
          Open a file
        </button>
      </div>
      <input
        ref={picker}
        type="file"
        accept=".safetensors"
        hidden
        onChange={(event) => {
          const [file] = event.currentTarget.files!;
          event.currentTarget.value = '';
          if (file) void take(file);
        }}
      />
    </section>
  );
}
