/** The api speaks to agents of this version and the one before. Nothing is imported here: what a version has is said beside what it has. */
export const PROTOCOL_VERSION = 5;
export const OLDEST_PROTOCOL_VERSION = 4;
