"""How each row over tensors is called in tests: shapes of its arguments, and its statics."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from tests.doors import (
    Mask,
    Places,
    Shape,
    table,
)

ROWS = [
    row for row in table.ROWS if row.shape is not None and len(row.statics) < len(row.parameters) and not row.by_name
]
SHAPES: tuple[Shape, ...] = ((), (1,), (3,), (4,), (2, 3), (3, 2), (2, 2), (3, 3), (1, 3), (2, 3, 2))
DIMS = (None, 0, 1, -1, (0, 1), (0, 2))
STATICS: Mapping[str, tuple[Any, ...]] = {
    "dim": DIMS,
    "keepdim": (False, True),
    "correction": (1, 0),
    "p": (2, 1, 3, -1, -2, Fraction(5, 2), None, "fro", "nuc", "-inf"),
    "size": (4, (2, 3)),
    "dims": (0, 1, 2, ((1,), (0,)), ((0, -1), (-1, 0)), (0, 0)),
    "k": (1, 2, 3),
    "q": (0, 1, Fraction(1, 2), Fraction(3, 10)),
    "descending": (False, True),
    "largest": (False, True),
    "beta": (1, Fraction(1, 2)),
    "alpha": (1, -2),
    "full_matrices": (False, True),
    "upper": (False, True),
    "rcond": (None,),
    "n": (2, 0, 1, 3, 5, -1, -2),
    "start_dim": (0, 1, -2),
    "end_dim": (-1, 1),
}
Explicit = tuple[tuple[tuple[Shape, ...], tuple[Any, ...]], ...]
EXPLICIT: Mapping[str, Explicit] = {  # shapes of arguments, and statics, where few of all go together
    "einsum": tuple(
        (given, (equation, ("x", "y", "z", "u", "v", "w")[: len(given)]))
        for equation, *given in (
            ("ij,jk->ik", (2, 3), (3, 2)), ("i,ij,j->", (2,), (2, 3), (3,)), ("ii", (3, 3)), ("ii->i", (3, 3)),
            ("ba", (2, 3)), ("ij", (2, 3)), ("ij->", (2, 3)), ("ij->j", (2, 3)), ("i,j", (2,), (3,)),
            ("bij,bjk->bik", (2, 2, 3), (2, 3, 2)), ("...ij,...jk", (2, 2, 3), (3, 2)), ("...ij->...ji", (2, 3, 2)),
            ("i...,i...->...", (2, 3), (2, 3, 2)), ("...,...", (2, 1), (3,)), ("ij,ij->ij", (1, 3), (2, 1)),
            ("iji->j", (2, 3, 2)), ("ii,i->i", (3, 3), (3,)), ("ij,jk,kl", (2, 3), (3, 2), (2, 2)),
            (",->", (), ()), ("->", ()), ("", ()), (" i , j -> j i ", (2,), (3,)), ("aB,Bc", (2, 3), (3, 1)),
            ("a,b,c,d,e,f->fadbec", (2,), (1,), (2,), (1,), (2,), (1,)), ("i,i,i,i->", (3,), (3,), (3,), (3,)),
            ("ij,ij->", (3, 2), (3, 2)), ("ab,cd->acbd", (2, 3), (2, 2)), ("i,j->", (2,), (3,)),
            ("bi,bj,ijk->bk", (2, 2), (2, 3), (2, 3, 2)),
        )
    ),
    "bmm": ((((2, 2, 3), (2, 3, 1)), ()), (((1, 3, 2), (1, 2, 2)), ())),
    "baddbmm": tuple(
        ((x, (2, 2, 3), (2, 3, 1)), (beta, alpha))
        for x in ((2, 2, 1), (2, 1), (1,), (), (1, 2, 1)) for beta, alpha in ((1, 1), (Fraction(1, 2), -2))
    ),
    "addmm": tuple(
        ((x, (2, 3), (3, 2)), (beta, alpha))
        for x in ((2, 2), (2, 1), (2,), ()) for beta, alpha in ((1, 1), (0, 3), (Fraction(1, 2), -2))
    ),
    "addmv": tuple(((x, (2, 3), (3,)), (beta, alpha)) for x in ((2,), (1,), ()) for beta, alpha in ((1, 1), (3, -2))),
    **{
        f"conv{len(kernel)}d": tuple(
            (
                (x, (o, x[-len(kernel) - 1] // groups, *kernel), *bias),
                (stride, padding, dilation, groups, ("x", "weight", *(("bias",) if bias else ()))),
            )
            for x, o, bias, stride, padding, dilation, groups in calls
        )
        for kernel, calls in (
            ((2,), (
                ((1, 4), 1, (), 1, 0, 1, 1), ((2, 2, 5), 3, ((3,),), 2, 1, 1, 1), ((2, 5), 2, ((2,),), 3, 0, 2, 2),
                ((4, 4), 2, (), (2,), 2, 1, 2), ((2, 5), 1, (), 1, "same", 2, 1), ((1, 3), 1, (), 1, "valid", 1, 1),
                ((2, 2, 3), 1, (), 4, 1, 1, 1),
            )),
            ((2, 3), (
                ((1, 3, 4), 1, (), 1, 0, 1, 1), ((2, 2, 4, 5), 2, ((2,),), (1, 2), (1, 0), (2, 1), 2),
                ((1, 3, 4), 2, (), 1, "same", 1, 1), ((2, 3, 4), 2, ((2,),), 2, 1, 1, 1),
            )),
            ((1, 2, 2), (((1, 2, 3, 3), 2, ((2,),), (1, 1, 2), (0, 1, 0), 1, 1),)),
        )
    },
    **{
        f"conv_transpose{len(kernel)}d": tuple(
            (
                (x, (x[-len(kernel) - 1], o // groups, *kernel), *bias),
                (stride, padding, more, groups, dilation, ("x", "weight", *(("bias",) if bias else ()))),
            )
            for x, o, bias, stride, padding, more, groups, dilation in calls
        )
        for kernel, calls in (
            ((2,), (
                ((1, 4), 1, (), 1, 0, 0, 1, 1), ((2, 2, 3), 3, ((3,),), 2, 1, 1, 1, 1), ((2, 3), 4, (), 3, 0, 2, 2, 2),
                ((1, 3), 1, (), 1, 1, 1, 1, 2), ((2, 3), 2, (), 1, 2, 2, 1, 3),
            )),
            ((2, 3), (((2, 3, 2), 2, ((2,),), (1, 2), (1, 0), (0, 1), 2, 1), ((2, 1, 2, 2), 2, (), 2, 1, 0, 1, 1))),
            ((1, 2, 2), (((1, 2, 2, 3), 2, ((2,),), (1, 1, 2), (0, 1, 0), 0, 1, 1),)),
        )
    },
    **{
        f"max_pool{rank}d": tuple(((x,), tuple(statics)) for x, *statics in calls) for rank, calls in (
            (1, (((1, 5), 2, None, 0, 1, False), ((2, 2, 5), 3, 2, 1, 1, False), ((1, 6), 2, 3, 0, 2, True),
                 ((2, 4), 3, 1, 1, 2, False), ((1, 5), (2,), (2,), (1,), (1,), True), ((1, 3), 1, 4, 0, 1, False))),
            (2, (((1, 3, 4), 2, None, 0, 1, False), ((1, 2, 3, 4), (2, 3), (1, 2), (1, 1), 1, True))),
            (3, (((1, 2, 3, 2), (1, 2, 2), None, 0, 1, False),)),
        )
    },
    **{
        f"avg_pool{rank}d": tuple(((x,), tuple(statics)) for x, *statics in calls) for rank, calls in (
            (1, (((1, 5), 2, None, 0, False, True), ((2, 2, 5), 3, 2, 1, True, True), ((1, 6), 4, 3, 1, True, False),
                 ((2, 4), 3, 1, 1, False, False))),
            (2, (((1, 3, 4), 2, None, 0, False, True, None), ((1, 2, 3, 4), (2, 3), (1, 2), (1, 1), True, True, None),
                 ((1, 3, 3), 3, 2, 1, False, False, None), ((1, 3, 3), 2, 1, 1, False, True, 3))),
            (3, (((1, 2, 3, 2), (1, 2, 2), None, 0, False, True, None),)),
        )
    },
    **{
        f"adaptive_{kind}_pool{rank}d": tuple(((x,), (output,)) for x, output in calls)
        for kind in ("max", "avg") for rank, calls in (
            (1, (((1, 5), 2), ((2, 2, 4), 3), ((1, 3), 1), ((2, 3), (3,)))), (2, (((1, 3, 4), 2), ((1, 3, 4), (2, None)))),
            (3, (((1, 2, 3, 2), 2),)),
        )
    },
    **{
        name: tuple(((x,), tuple(statics)) for x, *statics in (
            ((5,), 0, (0, 1, 2, 3), (2, 3, 4, 5), 1), ((2, 5), -1, (0, 0, 3), (1, 5, 5), 2), ((4, 2), 0, 1, 3, 1),
            ((6,), 0, (0, 2, 4, 0, 1), (2, 4, 6, 3, 4), 1),
        ))
        for name in ("windowed_max", "windowed_sum")
    },
    "cdist": tuple(
        (given, (p,))
        for given in (((2, 3), (1, 3)), ((3, 2), (2, 2)), ((2, 3, 2), (1, 2)), ((1, 3), (2, 3, 3)), ((3, 1), (2, 1)))
        for p in (2, 1, 3, Fraction(5, 2), None)
    ),
}  # fmt: skip
STACKS: tuple[tuple[Shape, ...], ...] = (  # of matrices, which are broadcast
    ((2, 2, 3), (2, 3, 2)), ((1, 2, 3), (2, 3, 2)), ((2, 1, 2, 3), (3, 3, 1)), ((3,), (2, 3, 2)), ((2, 2, 3), (3,)),
    ((2, 2), (3, 2, 2)), ((3, 1, 2), (1, 2, 1)),
)  # fmt: skip
VARIADIC: Mapping[str, tuple[tuple[Any, ...], ...]] = {  # statics of any number
    "reshape": ((-1,), (3, 2), ((2, 3),), (1, -1), (6, 2)),
    "x[]": ((0,), (-1,), ((1, None, None),), ((None, None, 2),), (1, -2), (0, (1, 3, None)), ((None, None, None), 1),
            ((1, None, None), (None, -1, None)), (1, 2, 0), ((None, None, -1),), ((2, 0, -1),), ((-1, None, -2), 0), (None,),
            (None, 0), (0, None), ((None, None, None), None), (Ellipsis, 0), (0, Ellipsis, None), (Places((0, 2)),),
            (Places((1, 0, 1)),), (Places((-1, 0)),), ((None, None, None), Places((1, 0, 1))), ((1, None, None), Places((1, 0))),
            (Places((0, 1)), Places((1, 0))), (Places((0, 1)), (None, None, -1)), (0, Places((1, 0, 1))), (Places((0, 0)), 1),
            (Places(((0, 1), (1, 0))),), (Places(((0,), (1,))), Places((1, 0))), (Places((0, 1)), (None, None, None), Places((1, 0))),
            (None, Places((1, 1))), (Places((0, 1)), None, Places((1, 0))), ((None, None, None), Places((0, 1)), Places((1, 0))),
            (Mask((True, False, True)),), (Mask(((True, False), (True, True))),), (Mask((False, True)), Places((1,)))),
}  # fmt: skip
CHOSEN: Mapping[str, tuple[tuple[Any, ...], ...]] = {  # statics that go together
    "unsqueeze": ((0,), (1,), (-1,), ((0, 2),)),
    "squeeze": ((None,), (0,), (-1,), ((0, 1),)),
    "broadcast_to": ((3,), ((2, 3),), ((3, 2),), ((3, 3),), ((2, 2, 3),), ((4, 1, 3),), ((2, -1),), ((2, 2, 3, 2),)),
    "expand": ((3,), (2, 3), (-1, 3), (2, -1, -1), ((3, 2),)),
    "permute": ((0,), (1, 0), (0, 1), (2, 0, 1), ((1, 2, 0),), (-1, 0, 1)),
    "swapaxes": ((0, 1), (-1, 0), (1, 1), (0, 2)),
    "movedim": ((0, 1), (-1, 0), ((0, 1), (1, 2)), ((2, 0), (0, 1)), ((0, 1), (1, 0))),
    "flip": ((None,), (0,), (-1,), ((0, 1),), ((0, 2),)),
    "roll": ((1, None), (-2, None), (1, 0), (-1, 1), (5, -1), (0, 0), ((1, -1), (0, 1)), (1, (0, 1)), ((1, 2), (0, 2))),
    "rot90": ((1, None), (2, None), (3, None), (4, None), (-1, (1, 0)), (1, (0, 2)), (5, (2, 1))),
    "tril": ((0,), (1,), (-1,), (5,)),
    "triu": ((0,), (1,), (-1,), (-5,)),
    "tile": ((2,), (1,), (2, 1), (1, 3), (2, 3, 2), ((2, 2),), (1, 1, 1)),
    "repeat_interleave": ((2, None), (1, None), (3, 0), (2, -1), ((1, 0, 2), 0), ((2, 1), 1), ((1, 2, 0, 1, 2, 1), None),
                          ((2, 2, 2), -1)),
    "index_select": ((0, (0,)), (0, (1, 0, 1)), (1, (1, 1)), (-1, (0, -1)), (2, (1,))),
    "take": ((0, None), (-1, None), ((0, 2), None), (((0, 1), (5, 2)), None), (1, 0), ((1, 0, 0), 0), ((1, 1), 1), (((0, 1),), -1)),
    "gather": ((0, (0, 2, 0)), (0, ((1, 0),)), (1, ((0,), (1,))), (1, ((1, 0, 1), (0, 0, 1))), (-1, ((1, 0),)), (0, ((0, 1, 1),)),
               (0, (((0, 1),), )), (1, (((0, 1), (2, 0)), ((1, 1), (2, 2)))), (2, (((0,), (1,), (1,)),))),
    "take_along_dim": (((0, 2, 0), 0), (((1,), (0,)), 1), (((1, 0, 1),), 0), ((0, 1), None), (((0, 1), (1, 0)), None), (((0,), (1,)), 1),
                       ((((1,),),), 2)),
    "masked_select": (((True, False, True),), ((False, True, True, True),), (((True, False, False), (True, True, False)),),
                      (((True, False), (False, False)),), (True,)),
    "narrow": ((0, 0, 1), (0, 1, 2), (1, -1, 1), (-1, 0, 2), (2, 1, 1)),
    "chunk": ((1, 0), (2, 0), (3, 1), (2, -1), (2, 2)),
    "split": ((1, 0), (2, 0), (3, 1), (1, -1), (2, 2)),
    "tensor_split": ((1, 0), (2, 0), (3, 1), (2, -1), (2, 2)),
    "split_part": ((0, (1, 2), 2, 0, "sizes"), (1, (1, 2), None, -1, "sizes"), (1, 2, 2, 0, "sizes"), (-1, 2, 2, 1, "chunks"),
                   (1, 2, None, 0, "sections"), (0, (1,), 2, 1, "sections"), (1, (-1,), 2, -1, "equal"), (1, 2, 2, 2, "equal"),
                   (1, 2, 2, 0, "hsplit"), (0, (1,), 2, 0, "hsplit"), (1, (1,), 2, 0, "vsplit"), (0, 1, 1, 0, "dsplit"), (1, 1, None, 0, "each"),
                   (-1, 1, None, 1, "each"), (0, 1, 3, -1, "each")),
    "hsplit": ((1,), (2,), (3,)),
    "vsplit": ((1,), (2,)),
    "dsplit": ((1,), (2,)),
    "unbind": ((0,), (1,), (-1,), (2,)),
    "unfold": ((0, 1, 1), (0, 2, 1), (0, 2, 2), (1, 2, 1), (-1, 2, 1), (0, 3, 1), (1, 1, 2), (0, 2, 3)),
    "differences": ((1, -1), (1, 0), (2, 0), (0, 0), (3, 0), (1, 1), (2, -1)),
    "index_add": ((0, (0, 2)), (0, (1, 1)), (0, (0,)), (1, (2, 0, 0)), (-1, (0, 1)), (0, (1, 0, 1))),
    "index_copy": ((0, (0, 2)), (0, (0,)), (1, (2, 0, 1)), (-1, (0, 1)), (0, (1, 0)), (0, (2, 1, 0))),
    "scatter": ((0, (0, 2)), (0, ((1, 0),)), (1, ((0,), (1,))), (1, ((1, 0), (0, 1))), (-1, ((1, 2, 0),)), (0, (((0, 1),),))),
    "scatter_add": ((0, (0, 2)), (0, (1, 1)), (0, ((1, 0),)), (1, ((0,), (1,))), (1, ((1, 1), (0, 1))), (-1, ((1, 1, 1),)),
                    (0, (((0, 1),),))),
    "zero_pad": (((1, 2),), ((0, 1),), ((1, 0, 0, 2),), ((-1, 2),), ((0, -1, 1, 1),), ((1, 1, 1, 1, 1, 1),), ((0, 0),)),
    "pad": (((1, 2), "constant", 0), ((0, 1), "constant", 3), ((1, 0, 0, 2), "constant", Fraction(-1, 2)),
            ((-1, 2), "constant", 1), ((1, 0), "reflect", 0), ((1, 1), "replicate", 0), ((0, 1, 1, 0), "circular", 0)),
    "pad_width": ((1, "constant", 0), ((1, 2), "constant", 3), (((1, 0), (0, 2)), "constant", Fraction(-1, 2)), ((1, 2), "edge", 0),
                  ((1, 1), "reflect", 0), (((0, 1), (1, 0)), "wrap", 0)),
    "reflect_pad": (((1, 1),), ((0, 2),), ((2, 0),), ((1, 0, 0, 1),), ((1, 1, 1, 1),), ((0, 1, 1, 0, 1, 1),), ((0, 0),)),
    "replicate_pad": (((1, 1),), ((0, 2),), ((3, 0),), ((1, 0, 0, 1),), ((1, 1, 2, 1),), ((0, 1, 1, 0, 1, 1),)),
    "circular_pad": (((1, 1),), ((0, 2),), ((2, 0),), ((1, 0, 0, 1),), ((1, 1, 2, 1),), ((0, 1, 1, 0, 1, 1),)),
}  # fmt: skip
