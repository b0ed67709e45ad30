/* What is asked of the server: the model, and labels of texts in batches. */

const BATCH_TEXTS = 100;
const BATCH_CHARACTERS = 100_000;
const TRIES = 5;

/* The server answered with an error, or did not answer (status 0). */
export class ServerError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

export const model = (key) => ask("v1/model", {}, key);

/* The labels of texts, a batch at a time, those before `from` left out. Waits and tries again where the server is
   busy. Throws ServerError, and AbortError when it is told to stop. */
export async function* labels(texts, language, key, signal, from = 0) {
  for (let start = from; start < texts.length; ) {
    const batch = batchAt(texts, start);
    const body = JSON.stringify({ texts: batch, language: language || null, evidence: true });
    const headers = { "Content-Type": "application/json" };
    const { predictions } = await patiently(() => ask("v1/predict", { method: "POST", headers, body, signal }, key), signal);
    if (predictions?.length !== batch.length) throw new ServerError("The server did not answer with labels.", 0);
    yield predictions;
    start += batch.length;
  }
}

function batchAt(texts, start) {
  let end = start;
  for (let size = 0; end < texts.length && end - start < BATCH_TEXTS; end += 1) {
    size += texts[end].length;
    if (size > BATCH_CHARACTERS && end > start) break;
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
