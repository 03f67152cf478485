"""Private files in an S3 bucket. Imported only where one is named: boto3 is heavy."""

from collections.abc import Iterator

from storages.backends.s3 import S3Storage
from storages.utils import clean_name

CHUNK = 64 * 1024


class Bucket(S3Storage):
    """The package's, which fetches whole files; players ask for a stretch of one."""

    def read_part(self, name: str, part: range) -> Iterator[bytes]:
        """Fetch the bytes of a stretch, and no others; one chunk is in memory."""
        if part:
            stored = self.bucket.Object(self._normalize_name(clean_name(name)))
            answer = stored.get(Range=f"bytes={part.start}-{part.stop - 1}")
            yield from answer["Body"].iter_chunks(CHUNK)
