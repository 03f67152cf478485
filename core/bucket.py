"""Private files in an S3 bucket. Imported only where one is named: boto3 is heavy."""

from collections.abc import Iterator
from typing import Any

from botocore.config import Config
from storages.backends.s3 import S3Storage
from storages.utils import clean_name

CHUNK = 64 * 1024
# Where the package's own are a minute each, several times over.
CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 5, 20, 3


class Bucket(S3Storage):
    """The package's, which fetches whole files; players ask for a stretch of one."""

    def get_default_settings(self) -> dict[str, Any]:
        own: dict[str, Any] = super().get_default_settings()
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
            s3={"addressing_style": own["addressing_style"]},
            signature_version=own["signature_version"],
            proxies=own["proxies"],
        )
        return own | {"client_config": config}

    def read_part(self, name: str, part: range) -> Iterator[bytes]:
        """Fetch the bytes of a stretch, and no others; one chunk is in memory."""
        if part:
            stored = self.bucket.Object(self._normalize_name(clean_name(name)))
            answer = stored.get(Range=f"bytes={part.start}-{part.stop - 1}")
            yield from answer["Body"].iter_chunks(CHUNK)
