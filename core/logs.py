"""Structured logs: one JSON object a line, and nothing in it that is personal."""

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str] = ContextVar("request_id", default="")

# Session ids are candidates' links; other libraries put paths in their messages.
HEX = "[0-9a-fA-F]"
LINK = re.compile("-".join(f"{HEX}{{{length}}}" for length in (8, 4, 4, 4, 12)))
# So is the end of a shared link's address.
SHARED = re.compile(r"(/shared/)[^\s\"'/\\]+")
ENCODER = json.JSONEncoder(ensure_ascii=False, default=str)
STANDARD_FIELDS = frozenset(
    vars(logging.makeLogRecord({})).keys() | {"message", "asctime", "request_id"}
)
# Django attaches whole objects under these names.
WITHHELD_FIELDS = frozenset({"request", "response", "server_time", "socket"})
# A line tells none of this, so nothing of it is found out for each (documentation of
# logging, "Optimization"); it is a third of a line's time.
logging._srcfile = None
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


def mask(text: str) -> str:
    return SHARED.sub(r"\1[link]", LINK.sub("[link]", text))


class RequestIdFilter(logging.Filter):
    """Add the id of the request being answered to each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class JSONFormatter(logging.Formatter):
    """Write a record as one line of JSON, with links masked."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", ""),
        } | self.extra_fields(record)
        if record.exc_info:
            line["exception"] = self.exception(record)
        return mask(ENCODER.encode(line))

    def extra_fields(self, record: logging.LogRecord) -> dict[str, object]:
        hidden = STANDARD_FIELDS | WITHHELD_FIELDS
        return {
            name: value for name, value in vars(record).items() if name not in hidden
        }

    def exception(self, record: logging.LogRecord) -> str:
        """Describe an exception by its type and the lines it came through.

        Its message is left out: a database error quotes the row, and so an answer.
        """
        assert record.exc_info
        kind, _, trace = record.exc_info
        frames = []
        while trace:
            code = trace.tb_frame.f_code
            frames.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
            trace = trace.tb_next
        return f"{kind.__name__ if kind else ''} at {' < '.join(reversed(frames))}"
