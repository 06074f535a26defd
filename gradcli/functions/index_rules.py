"""What a row of indices is: what an entry of it is, what runs it in torch, and its backward."""

from __future__ import annotations

from typing import Any

from gradcli.functions.entries import PlaceRule, Table
from gradcli.functions.indices import WHOLE, IndexLayout, Mask, Nested, Places, Slice, flat, layout, shape, shape_of
from gradcli.functions.shapes import Shape


def _tables(x: Shape, found: IndexLayout) -> tuple[Table, ...]:
    """The numbers of each list, over the dimensions of the result that it has."""
    sizes, tables = iter(x), list[Table]()
    for sub in found.subs:
        size = 0 if sub is None else next(sizes)
        if isinstance(sub, Places):
            own = shape_of(sub.values)
            dims = range(found.spot + len(found.listed) - len(own), found.spot + len(found.listed))
            kept = tuple((dim, one) for dim, one in zip(dims, own) if one != 1)
            values = tuple(one % size for one in flat(sub.values))
            tables.append(Table(values, tuple(one for _, one in kept), tuple(dim for dim, _ in kept)))
    return tuple(tables)


def entry(x: Shape, *subs: Any) -> PlaceRule:
    """That of an index; what is counted from the end stays so whatever the size, but for lists."""
    found = layout(x, subs)

    def place(at: Any, start: Any, sizes: Any, given: Any, *looked: Any) -> tuple[Any, ...]:
        inner, lists, own = list[Any](), iter(looked), iter(zip(given[0], x))
        for sub, axis in zip(found.subs, found.axes):
            if sub is None:
                continue
            size, value = next(own)
            if isinstance(sub, Places):
                inner.append(next(lists))
            elif isinstance(sub, int):
                inner.append(sub if sub >= 0 else size + sub)
            else:
                first = range(*slice(*sub).indices(value))
                backwards = sub[0] is None and first.step < 0
                from_end = backwards or (sub[0] is not None and -value <= sub[0] < 0)
                begin = size + (-1 if backwards else sub[0]) if from_end else first.start
                inner.append(begin + first.step * at[axis])
        return tuple(inner)

    def sizes(given: Any) -> tuple[Any, ...]:
        own, left = iter(zip(given[0], x)), list[Any]()
        for sub in found.subs:
            if sub is None:
                left.append(1)
                continue
            size, value = next(own)
            if not isinstance(sub, (int, Places)):
                left.append(_sliced(size, value, sub))
        return (*left[: found.spot], *found.listed, *left[found.spot :])

    own = [sub for sub in found.subs if sub is not None]
    fixed = tuple(i for i, sub in enumerate(own) if isinstance(sub, Places))
    return PlaceRule(place, sizes=sizes, tables=_tables(x, found), fixed=fixed, repeats=bool(found.listed))


def _sliced(size: Any, value: int, sub: Slice) -> Any:
    """How many entries a slice leaves, of any size where it does so for any."""
    start, stop, step = sub
    if sub in (WHOLE, (None, None, -1)):
        return size
    if step in (None, 1) and (start is None or start >= 0) and (stop is None or stop < 0):
        return size - (start or 0) + (stop or 0)
    return len(range(*slice(*sub).indices(value)))


def run(x: Any, *subs: Any) -> Any:
    """The index of a tensor of torch, which takes no slices with negative steps."""
    import torch

    found = layout(tuple(x.shape), subs)
    sizes, given, turned = iter(x.shape), list[Any](), list[int]()
    for sub, axis in zip(found.subs, found.axes):
        size = 0 if sub is None else next(sizes)
        if isinstance(sub, Places):
            given.append(torch.tensor(sub.values, device=x.device))
        elif isinstance(sub, tuple):
            steps = range(*slice(*sub).indices(size))
            if steps.step < 0:
                turned.append(axis or 0)
                steps = steps[::-1]
            given.append(slice(steps.start, steps.stop, steps.step))
        else:
            given.append(sub)
    result = x[tuple(given)]
    return result.flip(turned) if turned else result


def backward(x: Shape, *subs: Any) -> tuple[str | None]:
    """The entries back in their places, by unit vectors and rows of the unit matrix; of vectors and matrices."""
    found = layout(x, subs)
    if not 1 <= len(x) <= 2:
        return ("sum(g)" if not x else None,)
    own = tuple(sub for sub in found.subs if sub is not None)
    units = [f"eye({size})[{text(sub)}]" for size, sub in zip(x, own)]
    one = [isinstance(sub, int) for sub in own]
    lists = [shape_of(sub.values) for sub in own if isinstance(sub, Places)]
    if any(len(shape) != 1 for shape in lists):
        return (None,)
    left = shape(x, *own)
    new = len(own) < len(found.subs)
    g = "g" if not new else f"reshape(g, {', '.join(map(str, left))})" if left else "sum(g)"
    front = f"{g}*" if new and not left else ""
    if len(x) == 1:
        return (front + units[0] if one[0] else f"{g}@{units[0]}",)
    if len(lists) == 2:
        if lists[0] != lists[1]:
            return (None,)
        return (f"{units[0]}.T@diag({g})@{units[1]}",)
    if own[1] == WHOLE:
        return (f"outer({units[0]}, {g})" if one[0] else f"{units[0]}.T@{g}",)
    if own[0] == WHOLE:
        return (f"outer({g}, {units[1]})" if one[1] else f"{g}@{units[1]}",)
    form = {
        (True, True): f"{front}outer({{}}, {{}})",
        (True, False): f"outer({{}}, {g}@{{}})",
        (False, True): f"outer({g}@{{}}, {{}})",
        (False, False): f"{{}}.T@{g}@{{}}",
    }[one[0], one[1]]
    return (form.format(*units),)


def text(sub: Any) -> str:
    """An index as it is typed."""
    if sub is None or isinstance(sub, int):
        return str(sub)
    if sub is Ellipsis:
        return "..."
    if isinstance(sub, (Places, Mask)):
        return _listed(sub.values)
    start, stop, step = ("" if one is None else str(one) for one in sub)
    return f"{start}:{stop}" + (f":{step}" if step else "")


def _listed(values: Nested) -> str:
    return f"[{', '.join(map(_listed, values))}]" if isinstance(values, tuple) else str(values)
