"""Cut a template where its norms are, so that each piece runs once: a staged graph runs as a whole at every call.

A graph is a protobuf message, of which this module knows what it needs: the fields of onnx.proto by number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

_GRAPH = 7  # of a model
_NODE, _INITIALIZER, _INPUT, _OUTPUT, _VALUE_INFO = 1, 5, 11, 12, 13  # of a graph
_NODE_INPUT, _NODE_OUTPUT, _TENSOR_NAME, _VALUE_NAME, _VALUE_TYPE = 1, 2, 8, 1, 2
_FLOATS = b"\x0a\x0c\x08\x01\x12\x08" + 4 * b"\x0a\x00"  # a type: a tensor of float32 with four sides, of any length
_VARINT, _DOUBLE, _BYTES = 0, 1, 2
_FIXED = {_DOUBLE: 8, 5: 4}


@dataclass(frozen=True)
class Piece:
    """A part of a graph as a graph of its own: what it takes, what it gives, and which tensors it holds by name."""

    data: bytes
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    tensors: frozenset[str]


@dataclass(frozen=True)
class _Node:
    raw: bytes
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def cut(data: bytes, at: Sequence[str], ends: Sequence[str]) -> list[Piece]:
    """Return the pieces of the ONNX graph `data`: one up to each value of `at`, the last one up to `ends`.

    Run one after the other, each with what those before it gave, they compute what the graph computes; all that passes
    from one to the next is float32 with four sides. The values are in the order in which they are computed; without
    `ends` there is no last piece.
    Raises ValueError when the graph lacks a value.
    """
    model = list(_fields(data))
    graph = next((list(_fields(value)) for number, value, _ in model if number == _GRAPH), [])
    nodes = [_node(value) for number, value, _ in graph if number == _NODE]
    places = {name: place for place, node in enumerate(nodes) for name in node.outputs}
    if missing := [name for name in (*at, *ends) if name not in places]:
        raise ValueError(f"the graph does not compute {', '.join(missing)}")
    tensors = {_text(value, _TENSOR_NAME): raw for number, value, raw in graph if number == _INITIALIZER}
    head = b"".join(raw for number, _, raw in model if number != _GRAPH)
    rest = b"".join(raw for n, _, raw in graph if n not in {_NODE, _INITIALIZER, _INPUT, _OUTPUT, _VALUE_INFO})
    ports = {_text(value, _VALUE_NAME): raw for number, value, raw in graph if number == _INPUT}
    return [_piece(head, rest, tensors, ports, *piece) for piece in _divide(nodes, places, set(tensors), at, ends)]


def _divide(
    nodes: Sequence[_Node], places: Mapping[str, int], tensors: set[str], at: Sequence[str], ends: Sequence[str]
) -> Iterator[tuple[list[_Node], list[str], list[str]]]:
    """Yield the nodes of each piece, what it takes and what it gives.

    Nodes that compute from tensors alone stand in every piece that uses them.
    """
    useful = _before([*at, *ends], nodes, places)
    constants = _constants(nodes, tensors)
    bounds = [places[name] for name in at] + ([len(nodes) - 1] if ends else [])
    first = 0
    for last in bounds:
        own = [place for place in range(first, last + 1) if place in useful and place not in constants]
        after = [nodes[place] for place in useful if place > last and place not in constants]
        taken = {name for place in own for name in nodes[place].inputs}
        fixed = _before([n for n in taken if places.get(n, -1) in constants], nodes, places)
        given = [name for place in own for name in nodes[place].outputs]
        known = {*given, *tensors, "", *(name for place in fixed for name in nodes[place].outputs)}
        wanted = {*at, *ends, *(name for node in after for name in node.inputs)}
        yield [nodes[p] for p in sorted({*own, *fixed})], sorted(taken - known), [n for n in given if n in wanted]
        first = last + 1


def _before(names: Collection[str], nodes: Sequence[_Node], places: Mapping[str, int]) -> set[int]:
    """Return the places of all nodes that the values `names` hang on."""
    found: set[int] = set()
    waiting = [places[name] for name in names]
    while waiting:
        place = waiting.pop()
        if place not in found:
            found.add(place)
            waiting += [places[name] for name in nodes[place].inputs if name in places]
    return found


def _constants(nodes: Sequence[_Node], tensors: set[str]) -> set[int]:
    """Return the places of the nodes that compute from tensors alone."""
    known, found = {*tensors, ""}, set()
    for place, node in enumerate(nodes):
        if known.issuperset(node.inputs):
            found.add(place)
            known.update(node.outputs)
    return found


def _piece(
    head: bytes,
    rest: bytes,
    tensors: Mapping[str, bytes],
    ports: Mapping[str, bytes],
    nodes: list[_Node],
    takes: list[str],
    gives: list[str],
) -> Piece:
    used = {name for node in nodes for name in node.inputs} & tensors.keys()
    graph = rest + b"".join(node.raw for node in nodes) + b"".join(tensors[name] for name in sorted(used))
    graph += b"".join(ports[name] if name in ports else _field(_INPUT, _value(name)) for name in takes)
    graph += b"".join(_field(_OUTPUT, _value(name)) for name in gives)
    return Piece(head + _field(_GRAPH, graph), tuple(takes), tuple(gives), frozenset(used))


def _node(data: bytes) -> _Node:
    fields = list(_fields(data))
    inputs, outputs = (tuple(v.decode() for n, v, _ in fields if n == m) for m in (_NODE_INPUT, _NODE_OUTPUT))
    return _Node(_field(_NODE, data), inputs, outputs)


def _text(data: bytes, wanted: int) -> str:
    return next(value.decode() for number, value, _ in _fields(data) if number == wanted)


def _value(name: str) -> bytes:
    return _field(_VALUE_NAME, name.encode()) + _field(_VALUE_TYPE, _FLOATS)


def _field(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(value)) + value


def _varint(number: int) -> bytes:
    digits = bytearray()
    while number > 127:
        digits.append(number & 127 | 128)
        number >>= 7
    return bytes([*digits, number])


def _fields(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield the number of each field of a message, its value (empty for numbers), and all its bytes."""
    place = 0
    while place < len(data):
        key, start = _read_varint(data, place)
        kind = key & 7
        if kind == _VARINT:
            begin = end = _read_varint(data, start)[1]
        elif kind == _BYTES:
            length, begin = _read_varint(data, start)
            end = begin + length
        else:
            begin = end = start + _FIXED[kind]
        yield key >> 3, data[begin:end], data[place:end]
        place = end


def _read_varint(data: bytes, place: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        digit = data[place]
        number |= (digit & 127) << shift
        shift, place = shift + 7, place + 1
        if digit < 128:
            return number, place
