"""gzip and zstd, told by their first bytes; broken data is noticed where it begins."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable
from typing import BinaryIO

from stance.readers.rows import Damage, reason_of

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


class Rejoined(io.RawIOBase):
    """A stream of which the first bytes have been read. ``count`` is told how many bytes are."""

    def __init__(self, head: bytes, rest: BinaryIO, count: Callable[[int], None] = lambda read: None):
        self.head, self.rest, self.count = head, rest, count

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        data = self.head[: len(buffer)]
        self.head = self.head[len(data) :]
        data = data or (self.rest.read1(len(buffer)) if hasattr(self.rest, "read1") else self.rest.read(len(buffer)))
        buffer[: len(data)] = data
        self.count(len(data))
        return len(data)


class _Zstd(io.RawIOBase):
    """zstd frames, one after another. Unlike the library's own reader it notices where the last one is cut off."""

    def __init__(self, raw: io.RawIOBase):
        from zstandard import ZstdDecompressor

        self.raw, self.decompressor = raw, ZstdDecompressor(max_window_size=2**31)
        self.frame, self.output, self.waiting = None, b"", b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        while not self.output:
            data = self.waiting or self.raw.read(2**14)
            self.waiting = b""
            if not data:
                if self.frame is not None:
                    raise EOFError
                return 0
            self.frame = self.frame or self.decompressor.decompressobj()
            self.output = self.frame.decompress(data)
            if self.frame.eof:
                self.frame, self.waiting = None, self.frame.unused_data
        data, self.output = self.output[: len(buffer)], self.output[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)


class _Checked(io.RawIOBase):
    """A decompressing stream, what it raises for broken data made one kind."""

    def __init__(self, stream, kind: str):
        self.stream, self.kind = stream, kind

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        try:
            return self.stream.readinto(buffer)
        except EOFError:
            raise Damage(f"the {self.kind} data is cut off here; what follows is lost: copy the file again") from None
        except Exception as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            if not (isinstance(error, (gzip.BadGzipFile, zlib.error)) or type(error).__name__ == "ZstdError"):
                raise
            raise Damage(f"the {self.kind} data is damaged here ({reason_of(error)}); copy the file again") from None


def plain(head: bytes, raw: io.RawIOBase) -> io.RawIOBase:
    """The stream ``raw``, which begins with ``head``, decompressed if it is compressed."""
    if head.startswith(GZIP):
        return _Checked(gzip.GzipFile(fileobj=io.BufferedReader(raw)), "gzip")
    if head.startswith(ZSTD):
        return _Checked(_Zstd(raw), "zstd")
    return raw
