// Calls of the review API. Errors are `Refused` (the API said no) or whatever fetch throws (no connection).

export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `error ${status}`);
    this.status = status;
    this.kind = String(problem.type || "").split(":").pop();
  }

  get isPassing() {
    return this.status === 429 || this.status >= 500;
  }

  get isLoggedOut() {
    return this.status === 401 || this.status === 403;
  }
}

let csrf = "";

async function call(method, path, body, more = {}) {
  const headers = { "X-CSRF-Token": csrf };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const response = await fetch(path, { method, headers, body: body && JSON.stringify(body), ...more });
  const content = response.status === 204 ? {} : await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, content);
  return content;
}

async function remembered(promise) {
  const session = await promise;
  csrf = session.csrf;
  return session;
}

export const api = {
  login: (token) => remembered(call("POST", "/login", { token })),
  session: () => remembered(call("GET", "/v1/session")),
  logout: () => call("POST", "/logout"),
  task: () => call("GET", "/v1/task"),
  queue: () => call("GET", "/v1/queue"),
  next: (count, only) => call("POST", "/v1/next", { count, ...only, documents: true, explain: true }),
  reviewers: () => call("GET", "/v1/reviewers"),
  pause: (note) => call("POST", "/v1/queue/pause", { note }),
  resume: () => call("POST", "/v1/queue/resume", {}),
  labels: (sought) => call("GET", `/v1/labels?${new URLSearchParams(Object.entries(sought).filter(([, value]) => value))}`),
  record: (id) => call("GET", `/v1/records/${encodeURIComponent(id)}`),
  dispute: (id, note) => call("POST", `/v1/labels/${encodeURIComponent(id)}/dispute`, note ? { note } : {}),
  take: async (ids) => (await call("POST", "/v1/take", { request_ids: ids })).requests,
  answer: (answer) => call("POST", answer.record ? "/v1/records" : answer.added ? "/v1/records/undo" : "/v1/answers", answer),
  renew: (ids) => call("POST", "/v1/renew", { request_ids: ids }),
  release: (ids) => call("POST", "/v1/release", { request_ids: ids }, { keepalive: true }),
};
