"""What a server answers to a request for a file, and whether its bytes belong behind those already held."""

from __future__ import annotations

import re
from typing import BinaryIO

from builders.download.partial import Partial
from builders.download.progress import Bar


class OtherVersion(Exception):
    """The bytes that the server sends are not the ones behind those held; what was held is dropped."""


class TooLarge(Exception):
    """The file is larger than it may be: it is not the expected one, or it has no end."""


class Response:
    """Takes the header and the body of one response from libcurl, and writes the body into the partial file.

    Args:
        url: what is asked for.
        partial: where the bytes go.
        bar: shows them.
        largest: bytes that the whole file may have.
    """

    def __init__(self, url: str, partial: Partial, bar: Bar, largest: int):
        self._url, self._partial, self._bar, self._largest = url, partial, bar, largest
        self.version, self._length = partial.noted(url)
        self.offset = partial.size if self.version else 0
        """Bytes to go on behind, if the server still has `version`; 0 for the whole file."""
        self.whole = False
        """True where the response holds the file from its first byte on."""
        self.error: OSError | OtherVersion | TooLarge | None = None
        """Why the transfer was stopped from this side."""
        self._status = ""
        self._fields: dict[str, str] = {}
        self._file: BinaryIO | None = None

    def header(self, line: bytes) -> None:
        """Takes a line of an http header, or a reply on ftp's control connection."""
        text = line.decode("iso-8859-1").strip()
        if text.startswith("HTTP/"):
            self._status, self._fields = text.partition(" ")[2][:3] or "?", {}
        elif self._status:
            name, _, value = text.partition(":")
            self._fields[name.lower()] = value.strip()
        elif reply := re.fullmatch(r"213 (\d{14}(?:\.\d+)?)", text, re.ASCII):  # to MDTM (RFC 3659, section 3)
            self._fields["modified"] = reply[1]
        elif reply := re.fullmatch(r"213 (\d{1,18})", text, re.ASCII):  # to SIZE (RFC 3659, section 4)
            self._fields["size"] = reply[1]

    def body(self, data: bytes) -> int:
        """Takes bytes of the file; an answer of 0 stops the transfer, the reason being in `error`."""
        try:
            file = self.begin()
            if file.tell() + len(data) > self._largest:
                raise TooLarge
            file.write(data)
            self._bar.at(file.tell(), self._length)
        except (OSError, OtherVersion, TooLarge) as error:
            self.error = error
            return 0
        return len(data)

    def begin(self) -> BinaryIO:
        """Opens the partial file at the first byte: at its end, or from the start where the server sends all.

        Raises:
            OtherVersion: the bytes are of another version of the file, or of another place in it.
            TooLarge: the server says that the file is larger than it may be.
        """
        if self._file:
            return self._file
        position, version, length = self._ftp() if not self._status else self._http()
        if position == 0:
            self.whole, self._length = True, length
            self._partial.start(self._url, version, length)
        elif position != self.offset or version not in ("", self.version) or length not in (None, self._length):
            self._partial.discard()
            raise OtherVersion
        if (length or 0) > self._largest:
            raise TooLarge
        self._file = self._partial.path.open("ab")
        self._bar.say("")
        return self._file

    def _ftp(self) -> tuple[int, str, int | None]:
        """Where the bytes begin, of which version they are, and how long the file is. RETR follows REST, as asked."""
        size = self._fields.get("size")
        # A server without MDTM names no version; then nothing is ever gone on with (the offset stays 0).
        return self.offset, self._fields.get("modified", ""), int(size) if size else None

    def _http(self) -> tuple[int, str, int | None]:
        """The same from the header (RFC 9110, sections 8.8 and 14.4).

        The version must be a strong validator: a weak entity tag is none, nor is a modification time of the very
        second in which the server answers, as the file may change again within it.
        """
        version = self._fields.get("etag", "")
        if not version or version.startswith("W/"):
            modified = self._fields.get("last-modified", "")
            version = modified if modified != self._fields.get("date") else ""
        if self._status != "206":
            length = self._fields.get("content-length", "")
            return 0, version, int(length) if re.fullmatch(r"\d{1,18}", length, re.ASCII) else None
        pattern = r"bytes (\d{1,18})-\d+/(\d{1,18}|\*)"
        content = re.fullmatch(pattern, self._fields.get("content-range", ""), re.ASCII)
        if not content:
            return -1, version, None
        return int(content[1]), version, None if content[2] == "*" else int(content[2])

    def close(self) -> None:
        """Writes out what is buffered."""
        if self._file:
            self._file.close()
