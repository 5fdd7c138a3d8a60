interface Tenant {
  readonly url: string;
  readonly credentials: {readonly clientId: string; readonly clientSecret: string};
}

/** A source URI that `--source-uri` takes as it is. */
export function writeSourceUri({url, credentials}: Tenant): string {
  const query = new URLSearchParams({
    base_url: url,
    client_id: credentials.clientId,
    client_secret: credentials.clientSecret,
  });
  return `docebo://?${query}`;
}
