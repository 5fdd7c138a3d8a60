/** The steps of a URL's path, decoded. Null if an escape in it stands for no text. */
export function decodePath({pathname}: URL): readonly string[] | null {
  try {
    return pathname.split('/').map(decodeURIComponent);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}
