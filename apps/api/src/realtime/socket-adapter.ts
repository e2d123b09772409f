/** The socket.io server under the gateways. It shares the port of the REST api; nothing of it travels between replicas. */
import { MAX_REPORT_LOG_BYTES } from '@berth/shared/protocol/agent';
import { IoAdapter } from '@nestjs/platform-socket.io';

type Create = IoAdapter['createIOServer'];

const SETTINGS = {
  serveClient: false,
  // A report holds at most 1 MiB of log, and what is around it.
  maxHttpBufferSize: 4 * MAX_REPORT_LOG_BYTES,
  // Compressing logs costs more than the network does, on both sides.
  perMessageDeflate: false,
  httpCompression: false,
} as const;

export class SocketAdapter extends IoAdapter {
  override createIOServer(port: number, options?: Parameters<Create>[1]): ReturnType<Create> {
    return super.createIOServer(port, options && { ...options, ...SETTINGS });
  }
}
