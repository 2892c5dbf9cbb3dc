import 'uplot/dist/uPlot.min.css';
import './style.css';
import { render } from 'preact';
import { App } from './page/app.js';
import { begin } from './page/actions.js';

render(<App />, document.body);
void begin();
