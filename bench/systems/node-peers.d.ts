/** What is used here of socket.io. Its own types are there only when the peers are installed. */
declare module "socket.io" {
  import type { Server as HttpServer } from "node:http";

  interface Socket {
    on(event: "message", listener: (message: { content: string }) => void): void;
    emit(event: "message", message: object): void;
  }

  export class Server {
    constructor(server: HttpServer, options: { transports: string[] });
    on(event: "connection", listener: (socket: Socket) => void): void;
  }
}
