// Pages that are loaded when they are first shown.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

type Page<P> = (props: P) => ComponentChildren;

/** As the page that `load` brings, once it is there. */
export function later<P>(load: () => Promise<Page<P>>): Page<P> {
  let page: Page<P> | null = null;
  return (props: P) => {
    const [state, setState] = useState<'loading' | 'there' | 'missing'>(page ? 'there' : 'loading');
    useEffect(() => {
      if (page) return;
      load().then((found) => { page = found; setState('there'); }, () => setState('missing'));
    }, []);
    const Shown = page;
    if (Shown) return <Shown {...props as P & object} />;
    if (state === 'loading') return <div class="skeleton" role="status" aria-label="Loading"><div /><div /><div /></div>;
    // The server is another version than the page, or gone.
    return (
      <div class="fault" role="alert">
        <p>This page could not be loaded. The gateway may be another version by now.</p>
        <button type="button" class="small" onClick={() => location.reload()}>Load again</button>
      </div>
    );
  };
}
