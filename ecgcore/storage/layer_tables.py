"""The tables of annotation layers and of reviewers' verdicts; importing it declares them.

Edits and verdicts are only ever added: what a layer was at any of its versions, and who said what
when, can always be told.
"""

from typing import Final

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from ecgcore.storage.tables import METADATA

LAYERS: Final = Table(
    "layers",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("database", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("fs", Float(53), nullable=False),
    Column("length", Integer, nullable=False),  # samples in the recording
    Column("name", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("created", Float(53), nullable=False),
    Column("origin", Text, nullable=False),  # JSON: what it began as
    Column("base", LargeBinary, nullable=False),  # that, as a WFDB annotation file
    Column("version", Integer, nullable=False, default=0),  # how many steps its history has
    Column("removed", Float(53)),  # when it was put away; nothing is deleted
    Index("layers_record", "database", "record"),
)

EDITS: Final = Table(
    "layer_edits",
    METADATA,
    Column("layer", String(40), ForeignKey("layers.id"), primary_key=True),
    Column("number", Integer, primary_key=True),  # 1, 2, …; also the layer's version after it
    Column("at", Float(53), nullable=False),
    Column("author", Text, nullable=False),
    Column("kind", String(20), nullable=False),  # add, move, delete, relabel, undo, redo
    Column("of", Integer),  # the edit that an undo or a redo is of
    Column("changes", Text, nullable=False),  # JSON: [[before, after], …], each [sample, symbol]
)

REVIEWS: Final = Table(
    "reviews",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("database", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("sample", Integer, nullable=False),
    Column("fs", Float(53), nullable=False),
    Column("annotated", Text, nullable=False),  # class or symbol as it stands
    Column("verdict", String(20), nullable=False),
    Column("suggested", Text, nullable=False),  # the class it should have, or ""
    Column("note", Text, nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("at", Float(53), nullable=False),
    Column("context", Text, nullable=False),  # JSON: what it was listed for
    Index("reviews_record", "database", "record"),
)
