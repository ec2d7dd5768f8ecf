// Server-sent events out of a fetched body.

export type StreamEvent = { readonly name: string; readonly text: string };

/** What arrived together, and the last id among it; ids come without an event too. */
export type Arrived = { readonly events: readonly StreamEvent[]; readonly id: string | null };

export async function* eventsOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Arrived> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const blocks = (rest + read.value).split('\n\n').map(fieldsOf);
      rest = blocks.pop()?.whole ?? '';
      yield {
        events: blocks.flatMap(({ event, data }) => (event === undefined ? [] : [{ name: event, text: data ?? '' }])),
        id: blocks.findLast(({ id }) => id !== undefined)?.id ?? null,
      };
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

type Fields = { readonly whole: string; readonly event?: string; readonly data?: string; readonly id?: string };

function fieldsOf(whole: string): Fields {
  return {
    whole,
    ...Object.fromEntries([...whole.matchAll(/^(event|data|id): (.*)$/gm)].map(([, name, text]) => [name, text])),
  };
}
