/** `hello-world` from nothing: a static ELF executable, written by hand, that prints Docker's own text and exits with 0. */
import { type ImageArchitecture, type ImageContents } from './image.ts';

export const helloText = (architecture: ImageArchitecture) => `
Hello from Docker!
This message shows that your installation appears to be working correctly.

To generate this message, Docker took the following steps:
 1. The Docker client contacted the Docker daemon.
 2. The Docker daemon pulled the "hello-world" image from the Docker Hub.
    (${architecture === 'arm64' ? 'arm64v8' : architecture})
 3. The Docker daemon created a new container from that image which runs the
    executable that produces the output you are currently reading.
 4. The Docker daemon streamed that output to the Docker client, which sent it
    to your terminal.

To try something more ambitious, you can run an Ubuntu container with:
 $ docker run -it ubuntu bash

Share images, automate workflows, and more with a free Docker ID:
 https://hub.docker.com/

For more examples and ideas, visit:
 https://docs.docker.com/get-started/

`;

const HEADER_SIZE = 64 + 56;
const LOAD_ADDRESS = 0x400000;
/** e_machine of the ELF specification. */
const MACHINES: Record<ImageArchitecture, number> = { amd64: 62, arm64: 183 };

/** write(1, message, length); exit(0). The message follows the code. */
const CODE: Record<ImageArchitecture, (length: number) => Buffer> = {
  amd64(length) {
    const code = Buffer.from([
      ...[0xb8, 1, 0, 0, 0], // mov eax, 1        write
      ...[0xbf, 1, 0, 0, 0], // mov edi, 1        standard output
      ...[0x48, 0x8d, 0x35, 0, 0, 0, 0], // lea rsi, [rip + ?]
      ...[0xba, 0, 0, 0, 0], // mov edx, ?        length
      ...[0x0f, 0x05], // syscall
      ...[0xb8, 60, 0, 0, 0], // mov eax, 60       exit
      ...[0x31, 0xff], // xor edi, edi
      ...[0x0f, 0x05], // syscall
    ]);
    code.writeInt32LE(code.length - 17, 13);
    code.writeInt32LE(length, 18);
    return code;
  },
  arm64(length) {
    const instructions = [
      0xd2800020, // mov x0, #1        standard output
      0x100000e1, // adr x1, . + 28    the message
      0xd2800002 | (length << 5), // mov x2, #length
      0xd2800808, // mov x8, #64       write
      0xd4000001, // svc #0
      0xd2800000, // mov x0, #0
      0xd2800ba8, // mov x8, #93       exit
      0xd4000001, // svc #0
    ];
    const code = Buffer.alloc(instructions.length * 4);
    instructions.forEach((instruction, index) => {
      code.writeUInt32LE(instruction >>> 0, index * 4);
    });
    return code;
  },
};

/** A static executable with one segment that holds headers, code and text. */
export function helloWorldExecutable(architecture: ImageArchitecture, message = helloText(architecture)): Buffer {
  const data = Buffer.from(message);
  const body = Buffer.concat([CODE[architecture](data.length), data]);
  const header = Buffer.alloc(HEADER_SIZE);
  header.write('\x7fELF', 'latin1');
  header.set([2, 1, 1], 4); // 64 bits, little endian, version 1
  header.writeUInt16LE(2, 16); // an executable
  header.writeUInt16LE(MACHINES[architecture], 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(LOAD_ADDRESS + HEADER_SIZE), 24); // entry point
  header.writeBigUInt64LE(64n, 32); // program headers
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(1, 56);
  header.writeUInt32LE(1, 64); // to be loaded
  header.writeUInt32LE(5, 68); // readable, executable
  header.writeBigUInt64LE(BigInt(LOAD_ADDRESS), 80);
  header.writeBigUInt64LE(BigInt(LOAD_ADDRESS), 88);
  header.writeBigUInt64LE(BigInt(HEADER_SIZE + body.length), 96);
  header.writeBigUInt64LE(BigInt(HEADER_SIZE + body.length), 104);
  header.writeBigUInt64LE(0x1000n, 112);
  return Buffer.concat([header, body]);
}

export function helloWorld(architecture: ImageArchitecture): ImageContents {
  return {
    architecture,
    layers: [[{ path: 'hello', mode: 0o755, data: helloWorldExecutable(architecture) }]],
    config: { Cmd: ['/hello'], Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'] },
  };
}
