// Sixteen by sixteen, one stroke.
const kPaths: Record<string, string> = {
  overview: 'M2 9h5V2H2zM9 14h5V7H9zM2 14h5v-3H2zM9 5h5V2H9z',
  usage: 'M2 14h12M4 12V7M8 12V3M12 12V9',
  requests: 'M2 4h12M2 8h12M2 12h8',
  projects: 'M2 5V3h4l1.5 2H14v8H2z',
  keys: 'M6.5 9.5a3 3 0 1 1 0-3L14 6.5v3h-2v-1.500H6.500',
  budgets: 'M8 2a6 6 0 1 0 6 6H8z',
  models: 'M8 2l6 3.200v5.600L8 14l-6-3.200V5.200zM2 5.200l6 3.200 6-3.200M8 8.400V14',
  routes: 'M3 13V9a3 3 0 0 1 3-3h7M10 3l3 3-3 3M3 3v2',
  providers: 'M3 3h10v4H3zM3 9h10v4H3zM5.500 5h.01M5.500 11h.01',
  reconcile: 'M3 5h9l-2-2M13 11H4l2 2',
  start: 'M5 4L2 8l3 4M11 4l3 4-3 4M9 3L7 13',
  system: 'M8 5.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5zM8 1.500v2M8 12.500v2M1.500 8h2M12.500 8h2M3.400 3.400l1.400 1.400M11.200 11.200l1.400 1.400M3.400 12.600l1.400-1.400M11.200 4.800l1.400-1.400',
};

export function Icon({ name }: { name: string }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.4"
         stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d={kPaths[name]} /></svg>
  );
}
