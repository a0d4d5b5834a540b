"""Damage to files of any kind; every mutation is a function of a seeded generator and bytes."""

import random
from collections.abc import Callable, Sequence

Mutation = Callable[[random.Random, bytes], bytes]
EXTREMES = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_HEAD_BYTES = 64  # where files say their sizes


def flip_bits(r: random.Random, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(r.choice((1, 1, 2, 8))):
        out[_place(r, data)] ^= 1 << r.randrange(8)
    return bytes(out)


def change_bytes(r: random.Random, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(r.choice((1, 2, 4, 32))):
        out[_place(r, data)] = r.choice((0, 1, 0x7F, 0x80, 0xFF, r.randrange(256)))
    return bytes(out)


def put_number(r: random.Random, data: bytes) -> bytes:
    """Write an extreme number over two or four bytes, as a length, a width or an offset would be."""
    at, size = _place(r, data), r.choice((2, 4, 4))
    value = r.choice(EXTREMES) % (1 << 8 * size)
    return data[:at] + value.to_bytes(size, r.choice(("big", "little"))) + data[at + size :]


def remove(r: random.Random, data: bytes) -> bytes:
    start, stop = _range(r, data)
    return data[:start] + data[stop:]


def double(r: random.Random, data: bytes) -> bytes:
    start, stop = _range(r, data)
    return data[:stop] + data[start:stop] * r.choice((1, 1, 3)) + data[stop:]


def zero(r: random.Random, data: bytes) -> bytes:
    start, stop = _range(r, data)
    return data[:start] + bytes(stop - start) + data[stop:]


def exchange(r: random.Random, data: bytes) -> bytes:
    a, b, c = sorted(r.randrange(len(data) + 1) for _ in range(3))
    return data[:a] + data[b:c] + data[a:b] + data[c:]


def insert(r: random.Random, data: bytes) -> bytes:
    at = _place(r, data)
    return data[:at] + r.randbytes(r.choice((1, 4, 64))) + data[at:]


def truncate(r: random.Random, data: bytes) -> bytes:
    return data[: r.randrange(1, len(data) + 1)]


def splice(r: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Put the end of one of `others` after the start of `data`."""
    other = r.choice(others)
    return data[: r.randrange(1, len(data) + 1)] + other[r.randrange(len(other)) :]


ANY: tuple[Mutation, ...] = (
    flip_bits,
    change_bytes,
    put_number,
    remove,
    double,
    zero,
    exchange,
    insert,
    truncate,
)


def mutate(r: random.Random, data: bytes, own: Sequence[Mutation] = (), others: Sequence[bytes] = ()) -> bytes:
    """Return `data` with one to three mutations: half of them its kind's `own`, some of them splices with `others`."""
    for _ in range(r.choice((1, 1, 1, 2, 3))):
        if not data:
            break
        if own and r.random() < 0.5:
            data = r.choice(own)(r, data)
        elif others and r.random() < 0.1:
            data = splice(r, data, others)
        else:
            data = r.choice(ANY)(r, data)
    return data


def _place(r: random.Random, data: bytes) -> int:
    return r.randrange(min(len(data), _HEAD_BYTES) if r.random() < 0.4 else len(data))


def _range(r: random.Random, data: bytes) -> tuple[int, int]:
    start = _place(r, data)
    longest = r.choice((4, 16, 256, len(data)))
    return start, min(len(data), start + r.randrange(1, longest + 1))
