import type { VNode } from 'preact';
import { useSignal } from '@preact/signals';
import { opened } from './state.js';
import { currentTheme, setTheme } from './theme.js';

export function Header(): VNode {
  const theme = useSignal(currentTheme());
  const other = theme.value === 'dark' ? 'light' : 'dark';
  return (
    <header>
      <a class="brand" href="./" aria-label="Strata playground">
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M1 3h14v2.4H1zm0 4h10v2.4H1zm0 4h6v2.4H1z" />
        </svg>
        Strata
      </a>
      <p class="claim">A neural network, learning on your own machine.</p>
      <p class="device" title="What computes">
        {opened.value?.device ?? ''}
      </p>
      <button
        type="button"
        class="quiet"
        onClick={() => {
          setTheme(other);
          theme.value = other;
        }}
      >
        {other === 'dark' ? 'Dark' : 'Light'}
      </button>
    </header>
  );
}
