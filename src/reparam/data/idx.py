"""The idx format of MNIST and its kin: a header of big-endian sizes, then bytes.

Copies of one set differ in how they are packed (gzip of any make, plain, npz), so checksums are
always of the unpacked idx bytes.
"""

import gzip
import hashlib
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reparam.errors import DataError

GZIP = b"\x1f\x8b"
UNSIGNED_BYTES = 8


def encode(array: NDArray[np.uint8]) -> bytes:
    """Write an array of bytes as idx.

    Args:
        array: Any shape, uint8.

    Example:
        >>> encode(np.array([7, 9], np.uint8)).hex()
        '00000801000000020709'
    """
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, UNSIGNED_BYTES, array.ndim]) + sizes + array.tobytes()


def decode(content: bytes, place: Path | str) -> NDArray[np.uint8]:
    """Read unpacked idx bytes as an array.

    Args:
        content: The file's bytes.
        place: The file's name, for the error.

    Raises:
        DataError: If the header is not one of unsigned bytes, or the sizes do not fit the content.

    Example:
        >>> decode(encode(np.eye(2, dtype=np.uint8)), "eye").tolist()
        [[1, 0], [0, 1]]
    """
    if len(content) < 4 or content[:3] != bytes([0, 0, UNSIGNED_BYTES]):
        raise DataError(f"{place} is not an idx file of bytes: replace it by a fresh copy")
    start = 4 + 4 * content[3]
    shape = tuple(int.from_bytes(content[at : at + 4], "big") for at in range(4, start, 4))
    if len(content) != start + int(np.prod(shape, dtype=np.int64)):
        raise DataError(
            f"{place} is truncated or altered: its header promises {shape} bytes and it holds "
            f"{len(content) - start}, so replace it by a fresh copy"
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape).copy()


def unpack(path: Path) -> bytes:
    """Read a file, unpacked where it is gzip.

    Args:
        path: The file, packed or not, whatever its name ends in.

    Raises:
        DataError: If it cannot be read or the packing is broken.
    """
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if content.startswith(GZIP) else content
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"{path} cannot be read ({error}): delete it or replace it by a fresh copy"
        ) from error


def checksum(content: bytes) -> str:
    """The MD5 of unpacked idx bytes: it tells a damaged copy, it is no protection from malice.

    Args:
        content: The bytes.
    """
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
