// What the console asks of the server. Answers are checked field by field: an older or newer server may send
// less or more, and the page must say so rather than break.
export interface Check {
  readonly name: string;
  readonly isDegraded: boolean; // not well, and everybody is served all the same
  readonly isWell: boolean; // why it is not is for the operator, not for everybody who can open the page
}

export interface Readiness {
  readonly isReady: boolean;
  readonly isDraining: boolean;
  readonly checks: readonly Check[];
}

export type Fact = string | number | boolean;
// The scalar members of /api/v1/status, in the server's order.
export type Status = ReadonlyMap<string, Fact>;

export class Refused extends Error {
  constructor(readonly status: number, title: string) {
    super(title);
  }
}

const timeoutMs = 5000;
const passwordTimeoutMs = 60_000; // the server takes its time to hash one, and may have others in line

interface Question {
  readonly timeoutMs?: number;
  readonly json?: unknown; // is sent with POST
}

async function fetchJson(path: string, question: Question = {}): Promise<{ status: number; body: unknown }> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), question.timeoutMs ?? timeoutMs);
  const sent: RequestInit =
    question.json === undefined
      ? { headers: { Accept: "application/json" } }
      : {
          method: "POST",
          headers: { Accept: "application/json", "Content-Type": "application/json" },
          body: JSON.stringify(question.json),
        };
  try {
    const response = await fetch(path, { ...sent, cache: "no-store", signal: abort.signal });
    const text = await response.text();
    return { status: response.status, body: text === "" ? null : JSON.parse(text) };
  } finally {
    clearTimeout(timer);
  }
}

type Members = { readonly [name: string]: unknown };

function members(value: unknown): Members {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Members) : {};
}

// {"status": "ready" | "draining" | "failing", "checks": {"database": "ok" | "degraded" | "failing"}}
export function parseReadiness(status: number, body: unknown): Readiness {
  const all = members(body);
  const checks = Object.entries(members(all["checks"])).map(([name, state]) => ({
    name,
    isDegraded: state === "degraded",
    isWell: state === "ok",
  }));
  return { isReady: status === 200, isDraining: all["status"] === "draining", checks };
}

export function parseStatus(body: unknown): Status {
  const isFact = (entry: [string, unknown]): entry is [string, Fact] =>
    ["string", "number", "boolean"].includes(typeof entry[1]);
  return new Map(Object.entries(members(body)).filter(isFact));
}

// Answers 503 too: "not ready" is news, not an error.
export async function fetchReadiness(): Promise<Readiness> {
  const { status, body } = await fetchJson("/ready");
  if (status !== 200 && status !== 503) throw new Refused(status, `/ready answered ${status}`);
  return parseReadiness(status, body);
}

export async function fetchStatus(): Promise<Status> {
  const { status, body } = await fetchJson("/api/v1/status");
  if (status === 200) return parseStatus(body);
  const { title } = members(body);
  throw new Refused(status, typeof title === "string" ? title : `/api/v1/status answered ${status}`);
}

// Throws Refused in the server's words: the link is used up or too old, the password too short.
export async function resetPassword(link: string, newPassword: string): Promise<void> {
  const { status, body } = await fetchJson("/api/v1/reset-password", {
    timeoutMs: passwordTimeoutMs,
    json: { link, new_password: newPassword },
  });
  if (status === 204) return;
  const { detail } = members(body);
  throw new Refused(status, typeof detail === "string" ? detail : `The server answered ${status}`);
}
