/** The network under a broker: text on named channels, delivered at most once. */
export interface Link {
  /** The most bytes of UTF-8 in a payload. */
  readonly payloadLimit: number;
  /** Resolves when later payloads for the room arrive; rejects while the connection is lost. */
  listen(room: string): Promise<void>;
  unlisten(room: string): Promise<void>;
  /** Sends in order. Rejects if any of them may not have been sent. */
  send(payloads: readonly Payload[]): Promise<void>;
  close(): Promise<void>;
}

export interface Payload {
  readonly room: string;
  readonly text: string;
}

export interface LinkEvents {
  receive(text: string): void;
  /** The connection was lost and is restored; what was sent meanwhile is gone. */
  lost(): void;
}
