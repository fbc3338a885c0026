"""Exports a client's statistics to Prometheus at http://127.0.0.1:9464/metrics; see docs/guide/src/metrics.md."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import koophone


def metrics(stats: koophone.Stats) -> str:
    numbers = stats.asdict()
    lines = [f'koophone_errors_total{{kind="{kind}"}} {count}' for kind, count in numbers.pop("errors").items()]
    for name, number in numbers.items():
        if name.endswith("_ms"):
            name, number = name.removesuffix("ms") + "seconds", number / 1000
        lines.append(f"koophone_{name}{'' if name.startswith('connections_') else '_total'} {number}")
    return "\n".join(lines) + "\n"


class Handler(BaseHTTPRequestHandler):
    client: koophone.Client

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(metrics(self.client.stats()).encode())


if __name__ == "__main__":
    Handler.client = koophone.Client()  # the client that your program works with, in the same process
    ThreadingHTTPServer(("127.0.0.1", 9464), Handler).serve_forever()
