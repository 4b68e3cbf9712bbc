// Rows as they are closed: the server sends them; where it does not, they are asked for again and again.
import { CallError, kPrefix } from './api';
import { kMostRows } from './rows';
import type { Row } from './types';

const kEvery = 1500;   // milliseconds between two looks
const kGather = 250;   // rows that come within it are drawn at once

export interface Follower {
  look: (signal: AbortSignal) => Promise<void>;  // asks for the newest rows
  take: (rows: Row[]) => boolean;                // as they were closed; false: not yet
  fail: (error: CallError) => void;
}

/** `path` is the stream's, with its filters. Ends with the call of what it returns, and rests while the page is not seen. */
export function followRows(path: string, follower: Follower): () => void {
  const abort = new AbortController();
  let source: EventSource | null = null;
  let polls = false;  // the server has no stream for us
  let gathered: Row[] = [];
  let drawing: ReturnType<typeof setTimeout> | undefined;
  let looking: ReturnType<typeof setTimeout> | undefined;

  const draw = () => {
    const taken = follower.take(gathered);
    gathered = taken ? [] : gathered.slice(-kMostRows);
    drawing = taken ? undefined : setTimeout(draw, kGather);
  };
  const look = async () => {
    clearTimeout(looking);
    try {
      if (document.visibilityState === 'visible') await follower.look(abort.signal);
    } catch (problem) {
      if (problem instanceof CallError) follower.fail(problem);
    }
    if (polls && !abort.signal.aborted) looking = setTimeout(look, kEvery);
  };
  const leave = () => {
    source?.close();
    source = null;
  };
  const follow = () => {
    if (source || polls || document.visibilityState !== 'visible') return;
    const opened = new EventSource(kPrefix + path);
    source = opened;
    opened.onopen = () => void look();  // what was closed before it was open
    opened.onmessage = (event) => {
      gathered.push(JSON.parse(event.data));
      drawing ??= setTimeout(draw, kGather);
    };
    opened.onerror = () => {  // a stream that ended is opened again by the browser itself; one that was refused is not
      if (opened.readyState !== EventSource.CLOSED || source !== opened) return;
      source = null;
      polls = true;
      void look();
    };
  };
  const seen = () => (document.visibilityState === 'visible' ? follow() : leave());
  document.addEventListener('visibilitychange', seen);
  follow();
  return () => {
    abort.abort();
    document.removeEventListener('visibilitychange', seen);
    clearTimeout(drawing);
    clearTimeout(looking);
    leave();
  };
}
