/** Whether Docker Hub can be reached; quickly, because an answer of "no" must not hold up a start. */
export async function dockerHubIsReachable(timeoutMs = 2_500): Promise<boolean> {
  try {
    const response = await fetch('https://registry-1.docker.io/v2/', { method: 'HEAD', signal: AbortSignal.timeout(timeoutMs) });
    // It asks for a token: that is Docker Hub. Something on the way may answer too, but not with that.
    return response.status === 401 || response.status === 200;
  } catch {
    return false;
  }
}
