// Commands to be copied.

/** One word for a shell, whatever is in it. */
export const quoted = (text: string) => (/^[\w./:@=,+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** A call of the administration. `file` is what it posts. */
export function curlOf(origin: string, path: string, file?: string): string {
  return ['curl -H "authorization: Bearer $GATEWAY_ADMIN_TOKEN"', ...(file ? ['--data-binary', `@${quoted(file)}`] : []), quoted(`${origin}/admin/v1/${path}`)].join(' ');
}
