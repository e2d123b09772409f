/** Who is signed in, and the workspaces that they can enter: `GET /v1/session`. */
export interface Session {
  user: { id: string; email: string; name: string } | null;
  workspaces: { id: string; slug: string; name?: string }[];
}
