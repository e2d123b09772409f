/**
 * Tells the replica that holds the host's session to send what changed. Assignments themselves never travel through Redis: they carry
 * registry credentials (L8), and only the holder of the session knows what it has sent already.
 */
import { Injectable } from '@nestjs/common';
import { Wakeups } from '../realtime/wakeups.ts';

@Injectable()
export class DispatchJob {
  constructor(private readonly wakeups: Wakeups) {}

  run(hostId: string): void {
    this.wakeups.notify(`host:${hostId}`);
  }
}
