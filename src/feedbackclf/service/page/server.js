/* What is asked of the server: the model, and labels of texts in batches. */

const BATCH_TEXTS = 100;
const BATCH_BYTES = 500_000;
const ENVELOPE = 100; // bytes of a request around its texts
const TRIES = 5;

/* The server answered with an error, or did not answer (status 0). */
export class ServerError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

export const model = (key) => ask("v1/model", {}, key);

/* The first text that is longer than the server takes, {place, size}, or null. */
export function tooLong(texts, limits) {
  const sizes = texts.map((text) => (text.length > limits.characters ? Array.from(text).length : 0));
  const place = sizes.findIndex((size) => size > limits.characters);
  return place < 0 ? null : { place, size: sizes[place] };
}

/* The labels of texts, a batch at a time, those before `from` left out. `asked` is {language, key, limits, signal}.
   Waits and tries again where the server is busy. Throws ServerError, and AbortError when it is told to stop. */
export async function* labels(texts, asked, from) {
  for (let start = from; start < texts.length; ) {
    const batch = batchAt(texts, start, asked.limits);
    const body = JSON.stringify({ texts: batch, language: asked.language || null, evidence: true });
    const options = { method: "POST", headers: { "Content-Type": "application/json" }, body, signal: asked.signal };
    const { predictions } = await patiently(() => ask("v1/predict", options, asked.key), asked.signal);
    if (predictions?.length !== batch.length) throw new ServerError("The server did not answer with labels.", 0);
    yield predictions;
    start += batch.length;
  }
}

function batchAt(texts, start, limits) {
  const encoder = new TextEncoder();
  const room = Math.min(BATCH_BYTES, limits.body_bytes) - ENVELOPE;
  const end = Math.min(texts.length, start + Math.min(BATCH_TEXTS, limits.texts));
  let size = 0;
  for (let next = start; next < end; next += 1) {
    size += encoder.encode(JSON.stringify(texts[next])).length + 1;
    if (size > room && next > start) return texts.slice(start, next);
  }
  return texts.slice(start, end);
}

async function patiently(request, signal) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await request();
    } catch (error) {
      if (error.status !== 503 || tries === TRIES) throw error;
      await pause(Math.min(error.after, 10), signal);
    }
  }
}

function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    setTimeout(resolve, seconds * 1000);
  });
}

async function ask(path, options, key) {
  const headers = { ...options.headers, ...(key ? { Authorization: `Bearer ${key}` } : {}) };
  let response;
  try {
    response = await fetch(path, { ...options, headers, cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ServerError("The server cannot be reached. See whether it still runs, then go on.", 0);
  }
  let answer = null;
  try {
    answer = await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error; // what is no JSON has no details
  }
  if (response.ok && answer) return answer;
  const failure = new ServerError(explained(response.status, answer?.detail), response.status);
  failure.after = Number(response.headers.get("Retry-After") ?? 1) || 0;
  throw failure;
}

function explained(status, detail) {
  const said = Array.isArray(detail) ? detail.map((one) => one.msg).join("; ") : detail;
  const what = {
    401: "The server asks for a key.",
    408: "The server waited too long for the texts. Go on to try again.",
    413: "The texts are too much for the server at once.",
    422: "The server cannot take these texts.",
    503: "The server is too busy. Wait a moment, then go on.",
  }[status];
  return [what ?? `The server failed (${status}).`, said ? `It says: ${said}` : ""].filter(Boolean).join(" ");
}
