// One short request to this server, as any client sends it: with a project's key, which is kept nowhere.
export interface Sent { status: number; requestId: string | null; text: string; code: string | null; firstMs: number; ms: number }

/** What a chunk or an answer says. */
export function saidIn(answer: unknown): string {
  const choice = (answer as { choices?: { delta?: { content?: unknown }; message?: { content?: unknown } }[] }).choices?.[0];
  const content = choice?.delta?.content ?? choice?.message?.content;
  return typeof content === 'string' ? content : '';
}

/** The events of a stream that are complete, and what is left over. */
export function eventsIn(text: string): { events: unknown[]; rest: string } {
  const parts = text.replaceAll('\r\n', '\n').split('\n\n');
  const rest = parts.pop()!;
  const events = parts.flatMap((part) => {
    const data = part.split('\n').filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trimStart()).join('\n');
    if (data === '' || data === '[DONE]') return [];
    try {
      return [JSON.parse(data)];
    } catch {
      return [];
    }
  });
  return { events, rest };
}

/** `base` ends in /v1. `show` hears what was said so far. */
export async function sendTest(base: string, key: string, model: string, stream: boolean, show: (text: string) => void): Promise<Sent> {
  const begun = performance.now();
  const response = await fetch(`${base}/chat/completions`, {
    method: 'POST', credentials: 'omit', cache: 'no-store', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, stream, max_tokens: 64, messages: [{ role: 'user', content: 'Say hello in one short sentence.' }] }),
  });
  const sent: Sent = { status: response.status, requestId: response.headers.get('x-request-id'), text: '', code: null,
                       firstMs: performance.now() - begun, ms: 0 };
  if (response.ok && stream && response.body) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { value, done } = await reader.read();
      const found = eventsIn(rest + (value ?? '') + (done ? '\n\n' : ''));
      rest = found.rest;
      for (const event of found.events) {
        const { error } = event as { error?: { message?: string; code?: string } };
        if (error) [sent.text, sent.code] = [error.message ?? '', error.code ?? 'error'];
        else sent.text += saidIn(event);
      }
      show(sent.text);
      if (done) break;
    }
  } else {
    const answer = await response.json().catch(() => ({}));
    sent.text = response.ok ? saidIn(answer) : answer.error?.message ?? '';
    sent.code = response.ok ? null : answer.error?.code ?? answer.error?.type ?? 'error';
  }
  return { ...sent, ms: performance.now() - begun };
}
