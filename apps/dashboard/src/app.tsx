import { useEffect } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { isAdmin, ownProject, session, signOut } from './lib/session';
import { link, match, place, setParams, zone } from './lib/router';
import { theme, type Theme } from './lib/theme';
import { browserZone, isZone } from './lib/zones';
import { Overview } from './pages/overview';
import { Requests } from './pages/requests';
import { Logo, SignIn } from './pages/sign_in';
import { Usage } from './pages/usage';
import { Icon } from './ui/icons';
import { Help, helping } from './ui/keyboard';
import { later } from './ui/later';
import { Select } from './ui/parts';

// What people open first comes with the page; the rest when it is asked for.
const Request = later(() => import('./pages/request').then((all) => all.Request));
const Projects = later(() => import('./pages/projects').then((all) => all.Projects));
const OneProject = later(() => import('./pages/projects').then((all) => all.OneProject));
const Keys = later(() => import('./pages/keys').then((all) => all.Keys));
const Budgets = later(() => import('./pages/budgets').then((all) => all.Budgets));
const Models = later(() => import('./pages/models').then((all) => all.Models));
const Routes = later(() => import('./pages/routes').then((all) => all.Routes));
const Providers = later(() => import('./pages/providers').then((all) => all.Providers));
const Reconcile = later(() => import('./pages/reconcile').then((all) => all.Reconcile));
const Start = later(() => import('./pages/start').then((all) => all.Start));
const System = later(() => import('./pages/system').then((all) => all.System));

interface Page { path: string; name: string; icon?: string; for_all?: boolean; show: (found: Record<string, string>) => ComponentChildren }

const kPages: Page[] = [
  { path: '/', name: 'Overview', icon: 'overview', show: () => <Overview /> },
  { path: '/usage', name: 'Usage', icon: 'usage', show: () => <Usage /> },
  { path: '/requests', name: 'Requests', icon: 'requests', show: () => <Requests /> },
  { path: '/requests/{id}', name: 'Request', show: ({ id }) => <Request key={id} id={id} /> },
  { path: '/projects', name: 'Projects', icon: 'projects', show: () => <Projects /> },
  { path: '/projects/{name}', name: 'Project', show: ({ name }) => <OneProject key={name} name={name} /> },
  { path: '/keys', name: 'Keys', icon: 'keys', show: () => <Keys /> },
  { path: '/budgets', name: 'Budgets', icon: 'budgets', show: () => <Budgets /> },
  { path: '/models', name: 'Models', icon: 'models', show: () => <Models /> },
  { path: '/routes', name: 'Routes', icon: 'routes', show: () => <Routes /> },
  { path: '/providers', name: 'Providers', icon: 'providers', for_all: true, show: () => <Providers /> },
  { path: '/reconcile', name: 'Reconciliation', icon: 'reconcile', for_all: true, show: () => <Reconcile /> },
  { path: '/start', name: 'Start', icon: 'start', show: () => <Start /> },
  { path: '/system', name: 'System', icon: 'system', for_all: true, show: () => <System /> },
];

export function App() {
  const { path } = place.value;
  const page = kPages.find((one) => match(one.path, path)) ?? null;
  useEffect(() => {
    document.title = `${session.value ? page?.name ?? 'Not found' : 'Sign in'} - Model Gateway`;
    document.querySelector('.rail [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [page, session.value]);
  if (session.value === undefined) return <main id="content" class="sign-in"><h1 class="hidden">Model Gateway</h1></main>;
  if (session.value === null) return <SignIn />;
  return (
    <div class="shell">
      <a class="skip" href="#content">Skip to the content</a>
      <nav class="rail" aria-label="Pages">
        <a class="brand" href={link('/')} title="Model Gateway"><Logo /><span>Model Gateway</span></a>
        {kPages.filter((one) => one.icon && (isAdmin() || !one.for_all)).map((one) => (
          <a key={one.path} href={link(one.path)} title={one.name} aria-current={isAt(one.path, path) ? 'page' : undefined}>
            <Icon name={one.icon!} /><span>{one.name}</span>
          </a>
        ))}
      </nav>
      <div class="page">
        <header class="top">
          {ownProject() !== null && <span class="muted">Project {ownProject()}, read only</span>}<ZonePick /><ThemePick />
          <button type="button" class="small" onClick={() => (helping.value = true)} title="Keyboard">?</button>
          <button type="button" class="small" onClick={() => void signOut()}>Sign out</button></header>
        <main id="content" tabIndex={-1} key={page?.path}>
          {!page ? <NotFound /> : page.for_all && !isAdmin() ? <NotYours /> : page.show(match(page.path, path)!)}
        </main>
      </div>
      <Help />
    </div>
  );
}

function isAt(page: string, path: string): boolean {
  return page === '/' ? path === '/' : path === page || path.startsWith(page + '/');
}

function NotFound() {
  return <><h1>Not found</h1><p>There is no such page. <a href={link('/')}>Overview</a></p></>;
}

function NotYours() {
  return <><h1>Not for this key</h1><p>This page concerns all projects. Sign in with the administration's token to see it.</p></>;
}

function ZonePick() {
  const known = [...new Set([browserZone(), 'UTC', zone.value])].map((name): [string, string] => [name, name]);
  const pick = (name: string) => {
    const chosen = name === '?' ? prompt('Time zone, such as America/New_York') ?? '' : name;
    if (isZone(chosen) && chosen) setParams({ tz: chosen === browserZone() ? null : chosen });
  };
  return <Select label="Zone" value={zone.value} options={[...known, ['?', 'Another']]} onPick={pick} />;
}

function ThemePick() {
  return <Select label="Look" value={theme.value} options={[['auto', 'auto'], ['light', 'light'], ['dark', 'dark']]}
                 onPick={(value) => (theme.value = value as Theme)} />;
}
