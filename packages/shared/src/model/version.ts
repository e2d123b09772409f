/** The release that this code is, of the api, the console and the agent alike. */
export const BERTH_VERSION = '0.1.0';
