/** Capabilities, elements and the like: whatever a WebDriver server says. */
export type WebDriverValue = { [key: string]: unknown };

/** One session of a WebDriver server. Each call is one HTTP request of the standard. */
export class WebDriverSession {
  private constructor(readonly url: string) {}

  /** @param server where the driver listens, such as `http://127.0.0.1:4444` */
  static async start(server: string, capabilities: WebDriverValue): Promise<WebDriverSession> {
    const { sessionId } = await call<{ sessionId: string }>("POST", `${server}/session`, {
      capabilities: { alwaysMatch: capabilities },
    });
    return new WebDriverSession(`${server}/session/${sessionId}`);
  }

  get<Value>(path: string): Promise<Value> {
    return call("GET", `${this.url}/${path}`);
  }

  post<Value>(path: string, body: object = {}): Promise<Value> {
    return call("POST", `${this.url}/${path}`, body);
  }

  delete<Value>(path: string): Promise<Value> {
    return call("DELETE", `${this.url}/${path}`);
  }

  async end(): Promise<void> {
    await call("DELETE", this.url);
  }
}

async function call<Value>(method: string, url: string, body?: object): Promise<Value> {
  const response = await fetch(url, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
  const { value } = (await response.json()) as { value: Value };
  if (response.ok) return value;
  const { error, message } = value as { error: string; message: string };
  throw new Error(`WebDriver, ${method} ${new URL(url).pathname}: ${error}: ${message}`);
}
