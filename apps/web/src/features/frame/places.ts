/** Where one can go in a workspace: the navigation, the palette and the keys are made from this one list. */
import {
  Box,
  CalendarClock,
  Database,
  Grid3x3,
  KeyRound,
  Layers,
  LockKeyhole,
  type LucideIcon,
  PackageOpen,
  Server,
  Settings,
} from 'lucide-react';
import { paths } from '../../lib/paths.ts';

export interface Place {
  label: string;
  /** Its address in a workspace. */
  path: (workspace: string) => string;
  keys: string;
  Icon: LucideIcon;
}

export const PLACES: readonly Place[] = [
  { label: 'Runs', path: paths.runs, keys: 'g r', Icon: Box },
  { label: 'Services', path: paths.services, keys: 'g s', Icon: Layers },
  { label: 'Schedules', path: paths.schedules, keys: 'g c', Icon: CalendarClock },
  { label: 'Run arrays', path: paths.runArrays, keys: 'g a', Icon: Grid3x3 },
  { label: 'Hosts', path: paths.hosts, keys: 'g h', Icon: Server },
  { label: 'Volumes', path: paths.volumes, keys: 'g v', Icon: Database },
  { label: 'Secrets', path: paths.secrets, keys: 'g e', Icon: LockKeyhole },
  { label: 'Registries', path: paths.registries, keys: 'g i', Icon: PackageOpen },
  { label: 'Tokens', path: paths.tokens, keys: 'g t', Icon: KeyRound },
  { label: 'Settings', path: paths.settings, keys: 'g ,', Icon: Settings },
];
