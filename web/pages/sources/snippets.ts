/** A place that takes messages, out of `udp://127.0.0.1:5514`. */
export interface Place {
  readonly address: string;
  readonly transport: string;
  /** IPv6 in brackets. */
  readonly host: string;
  readonly port: number;
}

export function placeOf(address: string): Place | undefined {
  const [, transport, host, port] = /^([a-z]+):\/\/(\[[^\]]+\]|[^:/]+):(\d+)/.exec(address) ?? [];
  return transport === undefined || host === undefined ? undefined : { address, transport, host, port: Number(port) };
}

/** Where senders find it: a hub that listens on every address is found under the name that the page has in the browser. */
const reachableAs = (host: string, pageHost: string): string => (host === '0.0.0.0' || host === '[::]' ? pageHost : host);

export interface Snippet {
  readonly title: string;
  readonly text: string;
}

const RSYSLOG_FORM = 'template="RSYSLOG_SyslogProtocol23Format"';

/** What to write into a sender's configuration, by transport. `host` is bare, as these programs want it. */
const SNIPPETS: Readonly<Record<string, (host: string, port: number) => readonly Snippet[]>> = {
  relp: (host, port) => [
    {
      title: 'rsyslog by RELP: nothing is lost',
      text: `module(load="omrelp")
*.* action(type="omrelp" target="${host}" port="${port}" ${RSYSLOG_FORM}
  action.resumeRetryCount="-1" queue.type="linkedList" queue.filename="earshot" queue.saveOnShutdown="on")`,
    },
  ],
  tcp: (host, port) => [
    {
      title: 'rsyslog by TCP',
      text: `*.* action(type="omfwd" target="${host}" port="${port}" protocol="tcp" TCP_Framing="octet-counted"
  ${RSYSLOG_FORM} action.resumeRetryCount="-1" queue.type="linkedList")`,
    },
    {
      title: 'syslog-ng by TCP',
      text: `destination d_earshot { syslog("${host}" port(${port}) transport("tcp")); };
log { source(s_src); destination(d_earshot); };`,
    },
    { title: 'One message to try', text: `logger --tcp --server ${host} --port ${port} "hello from $USER"` },
  ],
  tls: (host, port) => [
    {
      title: 'rsyslog by TLS',
      text: `global(defaultNetstreamDriverCAFile="/etc/ssl/certs/ca-certificates.crt")
*.* action(type="omfwd" target="${host}" port="${port}" protocol="tcp" TCP_Framing="octet-counted" ${RSYSLOG_FORM}
  StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="${host}")`,
    },
    {
      title: 'syslog-ng by TLS',
      text: `destination d_earshot { syslog("${host}" port(${port}) transport("tls") tls(ca-dir("/etc/ssl/certs"))); };
log { source(s_src); destination(d_earshot); };`,
    },
  ],
  udp: (host, port) => [
    {
      title: 'rsyslog by UDP: what is lost on the way is lost',
      text: `*.* action(type="omfwd" target="${host}" port="${port}" protocol="udp" ${RSYSLOG_FORM})`,
    },
  ],
};

export function snippetsOf(places: readonly Place[], pageHost: string): Snippet[] {
  return places.flatMap(({ address, transport, host, port }) => {
    const reachable = reachableAs(host, pageHost);
    if (transport === 'http') return [curl(address.replace(host, reachable))];
    const write = Object.hasOwn(SNIPPETS, transport) ? SNIPPETS[transport] : undefined;
    return write?.(reachable.replace(/^\[(.*)\]$/, '$1'), port) ?? [];
  });
}

const curl = (address: string): Snippet => ({
  title: 'Anything by HTTP, with a token that may ingest',
  text: `curl -H "Authorization: Bearer $EARSHOT_TOKEN" -H "Content-Type: application/x-ndjson" \\
  --data-binary @events.ndjson ${address}`,
});
