import type { VNode } from 'preact';
import { Confusion } from './confusion.js';
import { Controls } from './controls.js';
import { Files } from './files.js';
import { FirstLayer } from './first-layer.js';
import { Header } from './header.js';
import { Dialog } from './dialog.js';
import { Notice } from './notice.js';
import { Pad } from './pad.js';
import { Curves } from './curves.js';
import { Numbers } from './numbers.js';

export function App(): VNode {
  return (
    <>
      <Header />
      <main>
        <Controls />
        <section class="stage" aria-label="Training">
          <Numbers />
          <Curves />
        </section>
        <Pad />
        <FirstLayer />
        <Confusion />
        <Files />
      </main>
      <Notice />
      <Dialog />
    </>
  );
}
