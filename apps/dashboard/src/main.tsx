import { render } from 'preact';
import { App } from './app';
import { startRouter } from './lib/router';
import { startSession } from './lib/session';
import { startTheme } from './lib/theme';
import { startKeyboard } from './ui/keyboard';
import 'uplot/dist/uPlot.min.css';
import './style/base.css';
import './style/shell.css';
import './style/parts.css';

startTheme();
startSession();
startRouter();
startKeyboard();
render(<App />, document.getElementById('app')!);
