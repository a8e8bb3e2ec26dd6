# SPDX-License-Identifier: BSL-1.0
"""Our streams as pyarrow and pandas read them, and pyarrow's as we read them."""

import ctypes
import datetime
import sys
from decimal import Decimal

import pyarrow

library = ctypes.CDLL(sys.argv[1])
library.weft_are_samples.restype = ctypes.c_bool


class ArrowArrayStream(ctypes.Structure):
    _fields_ = [(name, ctypes.c_void_p)
                for name in ("get_schema", "get_next", "get_last_error", "release", "private_data")]


def stream(function):
    filled = ArrowArrayStream()
    function(ctypes.byref(filled))
    return pyarrow.RecordBatchReader._import_from_c(ctypes.addressof(filled))


def check_equal(found, wanted):
    if found != wanted:
        sys.exit(f"found  {found!r}\nwanted {wanted!r}")


# Every type, whole and sliced, is valid and comes back as it was.
samples = stream(library.weft_samples)
batches = list(samples)
check_equal([b.num_rows for b in batches], [0, 100, 33, 50])
for batch in batches:
    batch.validate(full=True)
back = ArrowArrayStream()
pyarrow.RecordBatchReader.from_batches(samples.schema, batches)._export_to_c(ctypes.addressof(back))
check_equal(library.weft_are_samples(ctypes.byref(back)), True)

# The types and values are those that are meant.
typed = stream(library.weft_typed).read_all()
check_equal({f.name: str(f.type) for f in typed.schema}, {
    "date": "date32[day]",
    "time": "duration[us]",
    "datetime": "timestamp[us]",
    "narrow": "decimal128(10, 2)",
    "wide": "decimal256(50, 10)",
    "blob": "binary",
    "vector": "fixed_size_list<item: float not null>[2]",
    "numbers": "list<item: int64>",
    "point": "struct<x: int32, label: string>",
})
values, nulls = typed.to_pylist()
check_equal(values, {
    "date": datetime.date(1969, 12, 31),
    "time": datetime.timedelta(seconds=-1.5),
    "datetime": datetime.datetime(1970, 1, 1, 0, 0, 1, 1),
    "narrow": Decimal("-1.50"),
    "wide": Decimal("1234567890123456789012345678901234567890.1"),
    "blob": b"\x00\xff",
    "vector": [0.5, -2.0],
    "numbers": [1, None],
    "point": {"x": 7, "label": "é"},
})
check_equal(set(nulls.values()), {None})

# A query is fetched batch by batch.
batches = list(stream(library.weft_query))
check_equal([b.num_rows for b in batches], [1000] * 10)
wanted = [{"n": n, "quarter": n / 4, "t": f"text {n}" if n % 3 else None} for n in range(10000)]
check_equal(pyarrow.Table.from_batches(batches).to_pylist(), wanted)
frame = stream(library.weft_query).read_pandas()
check_equal([str(t) for t in frame.dtypes[:2]], ["int64", "float64"])
check_equal(int(frame["n"].sum()), 49995000)
check_equal(int(frame["t"].isna().sum()), 3334)

# An error of the source reaches pyarrow with its text.
failing = stream(library.weft_failing)
failing.read_next_batch()
try:
    failing.read_next_batch()
    sys.exit("the error was lost")
except pyarrow.ArrowInvalid as error:
    check_equal("the well is dry" in str(error), True)
