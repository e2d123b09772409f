/**
 * The agent's websocket. A client masks what it sends (RFC 6455, 5.3), so that bytes chosen by somebody else, as the output of a container
 * is, cannot pass for HTTP with a proxy that looks into the stream (10.3). Inside TLS nobody looks in, and on this machine nobody stands
 * between: there the mask is all zeros, which ws on both sides takes as nothing to be done. It saves a copy and two passes over every byte.
 */
import { NodeWebSocket } from 'socket.io-client';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

class UnmaskedWebSocket extends NodeWebSocket {
  override createSocket(...[uri, protocols, options]: Parameters<NodeWebSocket['createSocket']>) {
    return super.createSocket(uri, protocols, { ...options, generateMask: (mask: Buffer) => void mask.fill(0) });
  }
}

/** For an api at this address. */
export function websocketFor(url: string): typeof NodeWebSocket {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || LOOPBACK.has(hostname) ? UnmaskedWebSocket : NodeWebSocket;
}
