"""A bucket of S3 in memory: put, get with ranges, head, delete, list."""

import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape


class Handler(BaseHTTPRequestHandler):
    """Answers for one bucket; whoever asks may."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        """Say nothing."""

    @property
    def key(self):
        return unquote(urlsplit(self.path).path).removeprefix("/calls").lstrip("/")

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if "aws-chunked" in self.headers.get("Content-Encoding", ""):
            body = unchunked(body)
        self.server.objects[self.key] = body
        self.answer(200)

    def do_GET(self):
        if not self.key:
            self.list_objects()
            return
        content = self.server.objects.get(self.key)
        if content is None:
            self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
            return
        self.server.reads.append((self.key, self.headers.get("Range")))
        if part := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
            first, last = int(part[1]), int(part[2] or len(content) - 1)
            where = {"Content-Range": f"bytes {first}-{last}/{len(content)}"}
            self.answer(206, content[first : last + 1], where)
            return
        self.answer(200, content)

    do_HEAD = do_GET  # noqa: N815 (the library's name)

    def do_DELETE(self):
        self.server.objects.pop(self.key, None)
        self.answer(204)

    def list_objects(self):
        prefix = parse_qs(urlsplit(self.path).query).get("prefix", [""])[0]
        keys = [key for key in self.server.objects if key.startswith(prefix)]
        entries = "".join(
            f"<Contents><Key>{escape(key)}</Key></Contents>" for key in keys
        )
        self.answer(200, f"<ListBucketResult>{entries}</ListBucketResult>".encode())

    def answer(self, status, body=b"", headers=None):
        self.send_response(status)
        lines = {"Content-Length": str(len(body)), "ETag": '"x"'} | (headers or {})
        for name, value in lines.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def unchunked(body):
    """Return what is between the sizes: boto3 sends a checksum after the content."""
    content = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size.split(b";")[0], 16)
        if not length:
            break
        content, body = content + body[:length], body[length + 2 :]
    return content


class Bucket(ThreadingHTTPServer):
    """The bucket "calls"; `objects` are its contents, `reads` what was asked for."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.objects, self.reads = {}, []
        self.url = f"http://127.0.0.1:{self.server_port}"

    def __enter__(self):
        Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exception):
        self.shutdown()
        self.server_close()
